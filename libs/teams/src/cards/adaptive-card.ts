/**
 * The few elements of Adaptive Cards that we use. What is absent is deliberate: FactSet, images and Markdown-bearing
 * text with values in it. Markdown is active in TextBlock, so a TextBlock only ever holds words of our own.
 */
export interface TextRun {
  type: 'TextRun';
  text: string;
  weight?: 'Bolder';
  color?: 'Attention' | 'Good' | 'Warning';
  isSubtle?: boolean;
}
export type CardElement =
  | {
      type: 'TextBlock';
      text: OwnWords;
      weight?: 'Bolder';
      size?: 'Medium';
      wrap: true;
      separator?: boolean;
      spacing?: 'Medium';
    }
  | { type: 'RichTextBlock'; inlines: TextRun[]; spacing?: 'Small' }
  | { type: 'Input.Text'; id: 'comment'; label: OwnWords; isMultiline: true; maxLength: number };

export interface CardAction {
  type: 'Action.Execute';
  title: OwnWords;
  verb: 'approve' | 'deny';
  style?: 'positive' | 'destructive';
  /** An opaque id and nothing else: whatever comes back can have been written by anybody. */
  data: { d: string };
}

export interface AdaptiveCard {
  $schema: 'https://adaptivecards.io/schemas/adaptive-card.json';
  type: 'AdaptiveCard';
  /** The highest version that Teams renders. */
  version: '1.5';
  /** Must not hold values: old clients render it as they like. */
  fallbackText: OwnWords;
  body: CardElement[];
  actions?: CardAction[];
}

declare const own: unique symbol;
/** Text that stands in our source code. Only {@link words} makes it, and only from a literal. */
export type OwnWords = string & { readonly [own]: true };

/**
 * A template with values has a type of infinitely many texts, which an empty record satisfies; it is refused here,
 * because values belong into a TextRun.
 */
export function words<T extends string>(literal: Record<never, 1> extends Record<T, 1> ? never : T): OwnWords;
export function words(literal: string): string {
  return literal;
}

export function cardOf(body: CardElement[], actions: CardAction[] = []): AdaptiveCard {
  return {
    $schema: 'https://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.5',
    fallbackText: words('Open this message in a current Teams client.'),
    body,
    ...(actions.length > 0 ? { actions } : {}),
  };
}
