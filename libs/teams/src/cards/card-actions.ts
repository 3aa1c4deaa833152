import { words, type CardAction, type CardRefresh } from './adaptive-card';
import type { ProposalView } from './proposal-view';

/**
 * The buttons of the vote: none for a viewer who may not, who can look again where that may have passed, and no second
 * Approve for one who has.
 */
export function votesOf({ cardId, viewer }: ProposalView): CardAction[] {
  const data = { d: cardId };
  const approve = {
    type: 'Action.Execute',
    title: words('Approve'),
    verb: 'approve',
    style: 'positive',
    data,
  } as const;
  const deny = {
    type: 'Action.Execute',
    title: words('Deny'),
    verb: 'deny',
    style: 'destructive',
    data,
  } as const;
  if (!viewer) return [approve, deny];
  if (viewer.kind === 'mayNotVote') return viewer.mayPass ? [{ ...viewAction, data }] : [];
  return viewer.choice === 'approve' ? [deny] : [];
}

/** A link decides nothing: the console asks who it is, and shows the whole case. @throws TypeError for another scheme */
export function elsewhereOf(consoleUrl: string | undefined): CardAction[] {
  if (consoleUrl === undefined) return [];
  const url = new URL(consoleUrl);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new TypeError('a console has a web address');
  return [{ type: 'Action.OpenUrl', title: words('Open in the console'), url: url.href }];
}

const viewAction = { type: 'Action.Execute', title: words('Refresh'), verb: 'view' } as const;

export function refreshOf({ cardId }: ProposalView): CardRefresh {
  return {
    action: { ...viewAction, data: { d: cardId } },
  };
}
