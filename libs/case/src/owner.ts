import type { Untrusted } from '@sallyport/evidence';
import type { UnadvisedCase } from './case';

/** Who answers for an account that is not a person's, or for an application. */
export type Owner =
  /** Words of our own configuration: a name and how to reach them. */
  | { kind: 'listed'; words: string }
  /** The directory names this manager of the account; nobody has said that it is the owner. */
  | { kind: 'manager'; name: Untrusted }
  | { kind: 'unknown' };

/** @returns null where the case is about a person, who answers for the account alone */
export function ownerOf({ evidence, decision, subjectId }: UnadvisedCase): Owner | null {
  if (!evidence || !subjectId) return null;
  if (evidence.owner !== undefined) return { kind: 'listed', words: evidence.owner };
  const { user, risk, manager } = evidence;
  // An id that no user answers to, and that risk does not know as a deleted user, may be that of an application.
  const gone = risk.state === 'known' && risk.value.deleted;
  const application = user.state === 'unknown' && user.reason === 'notFound' && !gone;
  if (decision?.facts['isServiceAccount'] !== 'yes' && !application) return null;
  return manager.state === 'known' && manager.value
    ? { kind: 'manager', name: manager.value.displayName }
    : { kind: 'unknown' };
}
