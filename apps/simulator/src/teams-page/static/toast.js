import { element } from './element.js';

const toasts = document.getElementById('toasts');
const visibleMs = 9_000;

/** What the bot answered in words: only the person who clicked sees it, and not for long. */
export function toast(text, kind) {
  const shown = element('p', { className: `toast ${kind}` }, text);
  toasts.append(shown);
  setTimeout(() => shown.remove(), visibleMs);
}

/** What was said to one person is not for the next. */
export function clearToasts() {
  toasts.replaceChildren();
}
