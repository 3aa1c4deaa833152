import { element } from './element.js';

const visibleMs = 9_000;

/** What the bot answered in words: only the person who clicked sees it, and not for long. */
export function toast(text, kind) {
  const shown = element('p', { className: `toast ${kind}` }, text);
  document.getElementById('toasts').append(shown);
  setTimeout(() => shown.remove(), visibleMs);
}
