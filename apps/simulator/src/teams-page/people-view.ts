import { type TenantUser } from '@sallyport/scenario';
import { type World } from '../world';
import { cardOf, isOpen } from './card-of';

/** More than one visitor wants to be; a big tenant has thousands. */
const maxPeopleListed = 200;

export interface PersonView {
  id: string;
  name: string;
  /** What makes this person interesting here: the groups, or the chat with the bot. */
  detail: string;
  canApprove: boolean;
  /** Open cards in the person's own chat with the bot. */
  waiting: number;
}

/**
 * People whom a visitor may be, those who approve first: members of role-assignable groups, as approver groups should
 * be, and whoever the bot has written to in a chat. A guess for the eye alone: whose click counts, Sallyport decides.
 */
export function peopleOf(world: World): PersonView[] {
  const chats = openCardsInChats(world);
  return (
    [...world.state.users.current.values()]
      .filter(canSignIn)
      .map((user) => {
        const groups = user.groupIds.flatMap((id) => world.state.groups.current.get(id) ?? []);
        const names = groups.map(({ displayName }) => displayName).join(', ');
        const waiting = chats.get(user.id);
        return {
          id: user.id,
          name: user.displayName,
          detail: names || (waiting === undefined ? user.userPrincipalName : 'asked in a chat'),
          canApprove: waiting !== undefined || groups.some(({ isAssignableToRole }) => isAssignableToRole),
          waiting: waiting ?? 0,
        };
      })
      // Not by what waits: nobody should move away under the visitor's pointer.
      .sort((a, b) => Number(b.canApprove) - Number(a.canApprove) || a.name.localeCompare(b.name))
      .slice(0, maxPeopleListed)
  );
}

/** The person with this object id, if somebody who can sign in. */
export function personCalled(id: string, world: World): TenantUser | undefined {
  const user = world.state.users.current.get(id);
  return user && canSignIn(user) ? user : undefined;
}

const canSignIn = ({ deleted, accountEnabled }: TenantUser): boolean => !deleted && accountEnabled;

/** Open cards by person, for everybody whom the bot has written to. */
function openCardsInChats({ conversations }: World): Map<string, number> {
  const open = new Map<string, number>();
  for (const message of conversations.list(undefined, undefined)) {
    const person = conversations.personIn(message.conversationId);
    if (person === undefined) continue;
    open.set(person, (open.get(person) ?? 0) + (isOpen(cardOf(message.activity)) ? 1 : 0));
  }
  return open;
}
