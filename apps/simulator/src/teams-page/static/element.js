/**
 * A DOM element with properties and children. Text becomes text nodes, never markup: names and tickets of scenarios are
 * hostile on purpose.
 */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Draws a list again only when what it shows has changed, so that focus and scroll position stay. */
export function whenChanged(target, shown, draw) {
  const stamp = JSON.stringify(shown);
  if (target.dataset.shown === stamp) return;
  target.dataset.shown = stamp;
  draw();
}

/** A disc with the initials, in a colour that stays with the name. */
export function avatar(name) {
  const initials = name
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => [...word][0].toUpperCase());
  const [first = '?', last = ''] = initials.length > 1 ? [initials[0], initials.at(-1)] : initials;
  const hue = [...name].reduce((sum, character) => sum + character.codePointAt(0), 0) % 6;
  return element('span', { className: `avatar hue-${hue}`, ariaHidden: 'true' }, first + last);
}

export function time(instant) {
  const at = new Date(instant);
  const text = at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  return element('time', { dateTime: instant, title: at.toLocaleString() }, text);
}
