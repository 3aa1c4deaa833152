/** Asks the simulator once a second how things stand, and shows it. All state of the page is here. */
import { showConversations, showPeople } from './rail.js';
import { showMessages } from './messages.js';
import { keepPersonalCard, personalCard, refreshInView } from './personal-cards.js';
import { showTickets } from './tickets.js';
import { clearToasts, toast } from './toast.js';

const pollMs = 1_000;
const byId = (id) => document.getElementById(id);

/** Whom the visitor plays and what is open; in the address too, so that a reload stays. */
const address = new URLSearchParams(location.search);
const chosen = { person: address.get('person'), conversation: address.get('in') };

let view = { people: [], conversations: [], tickets: [] };

async function refresh() {
  const asked = chosen.person;
  const query = asked ? `?${new URLSearchParams({ person: asked })}` : '';
  const response = await fetch(`/teams-page/api/view${query}`);
  if (!response.ok) throw new Error(`the simulator answered ${response.status}`);
  const answer = await response.json();
  // The visitor may have become somebody else in the meantime; the next answer is theirs.
  if (asked === chosen.person) view = answer;
  if (!view.people.some(({ id }) => id === chosen.person) && view.people.length > 0) {
    become((view.people.find(({ waiting }) => waiting > 0) ?? view.people[0]).id);
    return;
  }
  const shown = show();
  if (shown) void refreshInView(shown.person, shown.messages, show).catch(() => undefined);
}

function show() {
  const { people, conversations, tickets } = view;
  const open = conversations.find((one) => nameOf(one) === chosen.conversation) ?? conversations[0];
  const me = people.find(({ id }) => id === chosen.person);
  showPeople(byId('people'), people, chosen.person, become);
  showConversations(byId('conversations'), conversations, open, (conversation) => {
    chosen.conversation = nameOf(conversation);
    remember();
    show();
  });
  byId('conversation-name').textContent = open ? titleOf(open) : 'No conversation';
  byId('conversation-note').textContent = me && open ? noteOf(open, me) : '';
  byId('empty').hidden = !open || open.messages.length > 0;
  showMessages(byId('messages'), byId('scroll'), {
    // Whoever looks sees their own views of the cards, so that everything is drawn anew for another person.
    of: `${chosen.person} ${open?.id}`,
    messages: open?.messages ?? [],
    personalCard: (message) => personalCard(chosen.person, message),
    click,
  });
  showTickets(byId('tickets'), tickets);
  byId('no-tickets').hidden = tickets.length > 0;
  return me && open ? { person: me.id, messages: open.messages } : null;
}

/** A channel by its name; the own chat stays open for whomever the visitor becomes. */
const nameOf = ({ kind, name }) => (kind === 'channel' ? name : '@');
const titleOf = ({ kind, name }) => (kind === 'channel' ? `# ${name}` : `Chat with ${name}`);
const noteOf = ({ kind }, me) =>
  kind === 'channel'
    ? `You look at it as ${me.name}. Everybody in the channel may click; whose click counts, Sallyport decides.`
    : `Only ${me.name} and the bot see this chat.`;

function become(person) {
  chosen.person = person;
  clearToasts();
  remember();
  // Drawn once the answer is there, so that nobody ever sees the chat of the one before.
  void poll();
}

function remember() {
  const query = new URLSearchParams({ person: chosen.person ?? '', in: chosen.conversation ?? '' });
  history.replaceState(null, '', `?${query}`);
}

/** Sends a click of the chosen person and shows what comes back. */
async function click(message, verb, data) {
  const { conversationId, activityId } = message;
  const { person } = chosen;
  try {
    const response = await fetch('/teams-page/api/click', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ person, conversationId, activityId, verb, data }),
    });
    const answer = await response.json();
    if (answer.kind === 'card') keepPersonalCard(person, message, answer);
    else
      toast(
        answer.text ?? answer.error ?? 'Something went wrong.',
        answer.kind === 'message' ? 'note' : 'error',
      );
  } catch {
    toast('The simulator does not answer.', 'error');
  }
  await poll();
}

/** One look; a lost connection is said, and looked for again. */
async function poll() {
  try {
    await refresh();
    byId('lost').hidden = true;
  } catch (error) {
    console.error(error);
    byId('lost').hidden = false;
  }
}

for (;;) {
  await poll();
  await new Promise((resolve) => setTimeout(resolve, pollMs));
}
