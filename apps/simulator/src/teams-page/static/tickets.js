import { element, time, whenChanged } from './element.js';

/** Tickets that the visitor has folded or unfolded; without a choice, the newest is open. */
const unfolded = new Map();

export function showTickets(list, tickets) {
  whenChanged(list, tickets, () => {
    list.replaceChildren(
      ...tickets.map((ticket, at) => ticketRow(ticket, unfolded.get(ticket.number) ?? at === 0)),
    );
  });
}

function ticketRow({ number, state, isDone, title, subject, notes }, isOpen) {
  const summary = element(
    'summary',
    {},
    element('b', {}, number),
    element('span', { className: isDone ? 'state done' : 'state' }, state),
    element(
      'span',
      { className: 'title' },
      subject && !title.includes(subject) ? `${title} · ${subject}` : title,
    ),
  );
  const written = notes.map(({ at, by, text }) =>
    element(
      'div',
      { className: 'note' },
      element('p', { className: 'by' }, by, ' ', time(at)),
      element('pre', {}, text),
    ),
  );
  const details = element(
    'details',
    { open: isOpen },
    summary,
    ...(written.length > 0 ? written : [element('p', { className: 'soft' }, 'No work notes yet.')]),
  );
  summary.addEventListener('click', () => unfolded.set(number, !details.open));
  return element('li', {}, details);
}
