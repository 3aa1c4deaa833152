import { timeLeft } from '@sallyport/case';
import type { Instant } from '@sallyport/evidence';

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
      color?: 'Attention' | 'Good' | 'Warning';
      isSubtle?: true;
      wrap: true;
      separator?: boolean;
      spacing?: 'Small' | 'Medium';
    }
  | { type: 'RichTextBlock'; inlines: TextRun[]; spacing?: 'Small' }
  | { type: 'Input.Text'; id: 'comment'; label: OwnWords; isMultiline: true; maxLength: number };

/** An opaque id and nothing else: whatever comes back can have been written by anybody. */
interface CardData {
  d: string;
}

export type CardAction =
  | {
      type: 'Action.Execute';
      title: OwnWords;
      verb: 'approve' | 'deny' | 'view';
      style?: 'positive' | 'destructive';
      data: CardData;
    }
  | { type: 'Action.OpenUrl'; title: OwnWords; url: string };

/**
 * By which a client asks for the card as it is now when it comes into view, and shows the answer to that person alone.
 * Without a list of people all clients do so, in conversations of up to 60 people.
 * https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/work-with-universal-actions-for-adaptive-cards
 */
export interface CardRefresh {
  action: { type: 'Action.Execute'; title: OwnWords; verb: 'view'; data: CardData };
}

export interface AdaptiveCard {
  $schema: 'https://adaptivecards.io/schemas/adaptive-card.json';
  type: 'AdaptiveCard';
  /** The highest version that Teams renders. */
  version: '1.5';
  /** Must not hold values: old clients render it as they like. */
  fallbackText: OwnWords;
  refresh?: CardRefresh;
  body: CardElement[];
  actions?: CardAction[];
}

declare const ownBrand: unique symbol;
/** Text that stands in our source code. {@link words} makes it from a literal, {@link momentWords} adds a date. */
export type OwnWords = string & { readonly [ownBrand]: true };

/**
 * A template with values has a type of infinitely many texts, which an empty record satisfies; it is refused here,
 * because values belong into a TextRun.
 */
export function words<T extends string>(literal: Record<never, 1> extends Record<T, 1> ? never : T): OwnWords;
export function words(literal: string): string {
  return literal;
}

/**
 * Our words with a moment, which each client shows in its reader's own time zone. Only digits of a real date get in.
 * https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features#datetime-function-rules
 *
 * @throws RangeError where the instant is none
 */
export function momentWords(label: OwnWords, instant: Instant): OwnWords {
  const at = `${new Date(instant).toISOString().slice(0, 19)}Z`;
  return own(
    `${label}: {{DATE(${at}, SHORT)}}, {{TIME(${at})}} (${at.slice(0, 10)} ${at.slice(11, 16)} UTC)`,
  );
}

/**
 * How long there is between two moments, which is true of the earlier one: a card stands as it was drawn until somebody
 * refreshes it. Null where nothing is left. Only digits and units get in.
 */
export function timeLeftWords(drawnAt: Instant, until: Instant): OwnWords | null {
  const left = timeLeft(until, new Date(drawnAt));
  return left === null ? null : own(`Time left when this card was drawn: ${left}`);
}

function own(text: string): OwnWords;
function own(text: string): string {
  return text;
}

export function cardOf(
  body: CardElement[],
  actions: CardAction[] = [],
  refresh: CardRefresh | null = null,
): AdaptiveCard {
  return {
    $schema: 'https://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.5',
    fallbackText: words('Open this message in a current Teams client.'),
    ...(refresh ? { refresh } : {}),
    body,
    ...(actions.length > 0 ? { actions } : {}),
  };
}
