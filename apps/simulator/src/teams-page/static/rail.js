import { avatar, element, whenChanged } from './element.js';

/** The channel and the chat; the one that is open is marked. */
export function showConversations(list, conversations, open, choose) {
  const rows = conversations.map(({ id, kind, name, open: waiting }) => ({ id, kind, name, waiting }));
  whenChanged(list, [rows, open?.id], () => {
    list.replaceChildren(
      ...rows.map(({ id, kind, name, waiting }) =>
        choice(id === open?.id, () => choose({ kind, name }), [
          element('span', { className: 'sign', ariaHidden: 'true' }, kind === 'channel' ? '#' : '@'),
          label(name, kind === 'channel' ? 'channel' : 'your chat with the bot'),
          badge(waiting),
        ]),
      ),
    );
  });
}

/** Whom the visitor can be, those who approve first. */
export function showPeople(list, people, chosen, become) {
  whenChanged(list, [people, chosen], () => {
    const row = ({ id, name, detail, waiting }) =>
      choice(id === chosen, () => become(id), [avatar(name), label(name, detail), badge(waiting)]);
    const approvers = people.filter(({ canApprove }) => canApprove);
    const others = people.filter(({ canApprove }) => !canApprove);
    list.replaceChildren(
      ...approvers.map(row),
      ...(others.length > 0 ? [element('li', { className: 'divider' }, 'Others')] : []),
      ...others.map(row),
    );
  });
}

function choice(isChosen, choose, children) {
  const button = element('button', { type: 'button', onclick: choose }, ...children);
  if (isChosen) button.setAttribute('aria-current', 'true');
  return element('li', {}, button);
}

const label = (name, detail) =>
  element('span', { className: 'label' }, element('b', {}, name), element('small', {}, detail));

const badge = (count) =>
  count > 0 ? element('span', { className: 'badge', title: 'waiting for an answer' }, String(count)) : null;
