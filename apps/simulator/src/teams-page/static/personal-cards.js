/**
 * Cards that answered one person. Teams shows them to that person only, until the message is updated for everybody. By
 * person and message; a reload forgets them, as Teams does after a while.
 */
const cards = new Map();
/** When a card of a person was last refreshed, and which revision of the message it was. */
const asked = new Map();
/** A client asks again for a card in view about once a minute. */
const refreshMs = 60_000;
/** What a screen can show; the older ones are asked for when somebody scrolls there. */
const maxInView = 10;

const keyOf = (person, { conversationId, activityId }) => `${person} ${conversationId} ${activityId}`;

/** The person's own card of this message, unless the message has been updated since. */
export function personalCard(person, message) {
  const own = cards.get(keyOf(person, message));
  return own && own.revision === message.revision ? own : null;
}

export function keepPersonalCard(person, message, answer) {
  const key = keyOf(person, message);
  const isTheSame = JSON.stringify(answer.card) === JSON.stringify(message.card);
  if (isTheSame) cards.delete(key);
  else cards.set(key, answer);
}

/**
 * Does what a client does for cards in view: asks the bot how each is now, for this person. Never while somebody types
 * into a card, because it would be drawn anew.
 */
export async function refreshInView(person, messages, changed) {
  if (document.activeElement?.matches('input, textarea')) return;
  const due = messages.filter(({ card }) => card?.refresh).slice(-maxInView);
  await Promise.all(
    due.map(async (message) => {
      const key = keyOf(person, message);
      const before = asked.get(key);
      if (before?.revision === message.revision && Date.now() - before.at < refreshMs) return;
      asked.set(key, { revision: message.revision, at: Date.now() });
      const { conversationId, activityId } = message;
      const response = await fetch('/teams-page/api/refresh', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ person, conversationId, activityId }),
      });
      const answer = await response.json();
      // Words and errors stay unsaid: nobody asked for them.
      if (answer.kind !== 'card') return;
      keepPersonalCard(person, message, answer);
      changed();
    }),
  );
}
