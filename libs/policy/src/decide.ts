import {
  type Containment,
  type Decision,
  type Digest,
  type Evidence,
  heldBy,
  type Instant,
  type Unadvised,
} from '@sallyport/evidence';
import { evidenceDigest } from '@sallyport/idempotency';
import { campaignOf, consequencesOf } from './consequences';
import { factsFrom } from './facts';
import { type Pack } from './pack';
import { planFor } from './plan';
import { type Rulings, rulingsFor } from './rulings';

/**
 * The decision about a case: the same evidence, time and pack give the same bytes on every machine. It takes nothing
 * that a model wrote, by its types.
 *
 * @param digest of the evidence, where the case log has it already: hashing much evidence again costs as much as deciding
 * @param containment what a containment does besides revoking sessions
 * @throws RangeError where `now` is not an instant. Everything else that goes wrong is in `errors` and holds the case.
 */
export function decide(
  evidence: Unadvised<Evidence>,
  now: Instant,
  pack: Pack,
  digest: Digest = evidenceDigest(evidence),
  containment: Containment = 'forcePasswordChange',
): Decision {
  const facts = factsFrom(evidence, now);
  const ruled = rulingsFor(facts, pack);
  const course = courseFor(ruled);
  const { page, groups } = consequencesOf(ruled.rulings, (id) => pack.rules.get(id));
  // What is closed as remediated waits for nobody.
  const campaign = groups && course.course !== 'close' ? campaignOf(evidence) : null;
  return {
    v: 1,
    pack: pack.name,
    policySetHash: pack.policySetHash,
    evidenceDigest: digest,
    facts,
    rulings: ruled.rulings,
    errors: ruled.errors,
    course: course.course,
    immediate: course.immediate && planFor(course.immediate, evidence, containment),
    // A risk that we confirm ourselves is for the user's own secure change to close: nobody is asked to dismiss it.
    proposed:
      course.immediate && containment === 'raiseRisk'
        ? null
        : course.proposed && planFor(course.proposed, evidence, containment),
    ...(containment !== 'forcePasswordChange' && { containment }),
    ...(campaign && { campaign }),
    ...(page.length > 0 && { page }),
  };
}

export interface Course {
  course: Decision['course'];
  immediate: 'contain' | null;
  proposed: 'contain' | 'release' | null;
}

/**
 * What follows from the rulings. Containment goes first: at once where nobody is asked for it; where people are, they
 * are asked for it before anybody is asked for a release.
 */
export function courseFor({ rulings, errors }: Rulings): Course {
  const { contain, release, close } = rulings;
  if (errors.length > 0) return { course: 'hold', immediate: null, proposed: null };
  if (close.effect === 'permit') return { course: 'close', immediate: null, proposed: null };
  if (contain.effect === 'permit' && !contain.immediate)
    return { course: 'act', immediate: null, proposed: 'contain' };
  const immediate = contain.effect === 'permit' ? 'contain' : null;
  // What is contained and held is not released before a person has looked, whatever a pack permits besides.
  const mayRelease = release.effect === 'permit' && heldBy(rulings).length === 0;
  if (mayRelease) return { course: 'act', immediate, proposed: 'release' };
  if (immediate) return { course: 'act', immediate, proposed: null };
  return { course: 'hold', immediate: null, proposed: null };
}
