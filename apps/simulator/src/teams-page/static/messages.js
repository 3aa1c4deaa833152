import { renderCard } from './card.js';
import { avatar, element, time } from './element.js';

/** Closer to the end than this, the visitor follows the conversation. */
const followPx = 80;

/** What is drawn, by message: a card keeps its element, with what is being typed in it, until it really changes. */
const drawn = new Map();
let drawnOf = null;

/** Shows the messages in order, newest last, and draws only what has changed. */
export function showMessages(list, scroll, { of, messages, personalCard, click }) {
  const isNew = drawnOf !== of;
  if (isNew) {
    drawn.clear();
    list.replaceChildren();
    drawnOf = of;
  }
  const follow = isNew || scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < followPx;
  const keys = new Set();
  messages.forEach((message, at) => {
    const key = `${message.conversationId} ${message.activityId}`;
    keys.add(key);
    const own = personalCard(message);
    const stamp = `${message.revision} ${own ? JSON.stringify(own.card) : ''}`;
    const before = drawn.get(key);
    if (before?.stamp !== stamp) {
      const row = messageRow(message, own?.card ?? null, click);
      if (before) before.row.replaceWith(row);
      drawn.set(key, { stamp, row });
    }
    const { row } = drawn.get(key);
    if (list.children[at] !== row) list.insertBefore(row, list.children[at] ?? null);
  });
  for (const [key, { row }] of drawn) {
    if (keys.has(key)) continue;
    row.remove();
    drawn.delete(key);
  }
  if (follow) scroll.scrollTop = scroll.scrollHeight;
}

function messageRow(message, ownCard, click) {
  const card = ownCard ?? message.card;
  const body = element('div', { className: 'card' });
  if (card === null) body.append(message.text);
  else {
    const send = async (verb, data) => {
      // Nothing is clicked twice while the bot thinks.
      body.inert = true;
      await click(message, verb, data);
      body.inert = false;
    };
    body.append(renderCard(card, send));
  }
  const changes = [
    message.updatedAt ? element('span', {}, 'updated ', time(message.updatedAt)) : null,
    ownCard ? element('span', { className: 'own' }, 'only you see this version') : null,
  ];
  return element(
    'li',
    { className: 'message' },
    avatar('Sallyport'),
    element(
      'article',
      {},
      element(
        'p',
        { className: 'by' },
        element('b', {}, 'Sallyport'),
        ' bot ',
        time(message.postedAt),
        ...changes,
      ),
      body,
    ),
  );
}
