import type { Response } from 'express';
import { type Html, html } from '../html';
import { sendNotice } from '../page';

export const noDirectoryId =
  'Your sign-in does not say who you are in the directory, so you cannot decide anything here.';

/** What a form asks for. */
export type What = 'vote' | 'ending';

const notTaken: Readonly<Record<What, { title: string; yet: string; enough: string; action: string }>> = {
  vote: {
    title: 'Your vote was not taken',
    yet: 'Your vote was not taken yet',
    enough: 'a vote',
    action: 'Sign in again to vote',
  },
  ending: {
    title: 'The review was not ended by you',
    yet: 'The review is not ended yet',
    enough: 'ending a review',
    action: 'Sign in again to end the review',
  },
};

export const loginPath = (path: string): string => `/login?return=${encodeURIComponent(path)}`;

export function toSignIn(response: Response, path: string): void {
  response.redirect(302, loginPath(path));
}

/**
 * Where a form needs a sign-in first. A page and not a redirect: browsers hold every redirect that follows a form to
 * `form-action`, so one that ends at the identity provider would be stopped without a word.
 */
export function sendSignInFirst(response: Response, href: string, what: What): void {
  const { yet, enough, action } = notTaken[what];
  sendNotice(response, {
    status: 401,
    title: yet,
    text: [
      html`Your sign-in is over, or not recent enough for ${enough}. Sign in again: you come back to the case,
      and choose there once more.`,
    ],
    action: { href, label: action },
  });
}

export function sendRefused(
  response: Response,
  status: number,
  words: string | Html,
  back: string,
  what: What,
): void {
  sendNotice(response, {
    status,
    title: notTaken[what].title,
    text: [html`${words}`],
    action: { href: back, label: 'Back to the case' },
  });
}

export function sendNoCase(response: Response): void {
  sendNotice(response, {
    status: 404,
    title: 'There is no such case',
    text: [html`Nothing is known under this address, or nobody was ever asked about it.`],
    action: { href: '/cases', label: 'All cases' },
  });
}

export function sendDamaged(response: Response): void {
  sendNotice(response, {
    status: 500,
    title: 'This case cannot be shown',
    text: [
      html`Its log is damaged: what is stored is not what was written. Nobody acts on this case. Tell the
        owners of Sallyport, who find out more with <code>sallyport audit verify</code>.`,
    ],
    action: { href: '/cases', label: 'All cases' },
  });
}
