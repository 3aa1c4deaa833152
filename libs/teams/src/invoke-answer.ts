import type { AdaptiveCard } from './cards/adaptive-card';

/** Body of the HTTP 200 that every invoke gets; the real status is inside. */
export interface InvokeAnswer {
  statusCode: number;
  type: string;
  value: unknown;
}

/** Teams shows a toast of a line or two. */
const messageMaxLength = 300;
const bounded = (text: string) =>
  text.length <= messageMaxLength ? text : `${text.slice(0, messageMaxLength - 1)}…`;

/** Replaces the card for the person who clicked; everybody else's changes when the message is updated. */
export function cardAnswer(card: AdaptiveCard): InvokeAnswer {
  return { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value: card };
}

/** A private toast. */
export function messageAnswer(text: string): InvokeAnswer {
  return { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: bounded(text) };
}

/** @param status Teams documents exactly these two for plain errors */
export function errorAnswer(status: 400 | 500, code: string, message: string): InvokeAnswer {
  return {
    statusCode: status,
    type: 'application/vnd.microsoft.error',
    value: { code, message: bounded(message) },
  };
}
