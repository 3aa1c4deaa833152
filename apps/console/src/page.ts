import type { Response } from 'express';
import { createHash } from 'node:crypto';
import { Html, html } from './html';
import type { Person } from './person';
import { stylesheet } from './stylesheet';

const style = new Html(`<style>${stylesheet}</style>`);

/** The one stylesheet stands in the page and is allowed by its hash; there is nothing else to load, and no script. */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(stylesheet).digest('base64')}'`,
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export interface Page {
  status?: number;
  title: string;
  body: Html;
  /** Who is signed in, for the ways on; nobody on pages about signing in. */
  person?: Person;
}

export function sendPage(response: Response, { status = 200, title, body, person }: Page): void {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Sallyport</title>
        <link rel="icon" href="data:," />
        ${style}
      </head>
      <body>
        <header>
          <a class="home" href="/">Sallyport</a>
          ${person ? ways(person) : html``}
        </header>
        <main>${body}</main>
      </body>
    </html>`;
  response
    .status(status)
    .set({
      'Content-Security-Policy': policy,
      // With `no-referrer`, browsers send `Origin: null` along with forms, and we could not tell ours from others'.
      'Referrer-Policy': 'same-origin',
      'Cache-Control': 'no-store',
    })
    .type('html')
    .send(page.markup);
}

function ways({ name }: Person): Html {
  return html`<nav><a href="/cases">Cases</a> <a href="/queues">Queues</a></nav>
    <form method="post" action="/logout">
      <span class="soft"><bdi>${name}</bdi></span> <button>Sign out</button>
    </form>`;
}

/** A page with a headline, what happened, and one way on. */
export function sendNotice(
  response: Response,
  notice: { status: number; title: string; text: readonly Html[]; action: { href: string; label: string } },
): void {
  const { status, title, text, action } = notice;
  const paragraphs = text.map((paragraph) => html`<p>${paragraph}</p>`);
  const body = html`<section class="notice">
    <h1>${title}</h1>
    ${paragraphs}
    <p><a class="button" href="${action.href}">${action.label}</a></p>
  </section>`;
  sendPage(response, { status, title, body });
}
