import { Inject, Injectable } from '@nestjs/common';
import {
  canOnlyBeRetried,
  type Case,
  type Ending,
  endingRefusalBeforeRights,
  endingRefusalBeforeRisk,
  endingRefusalEvent,
  endingRefusalWords,
  type EndingResult,
  endReview,
  type Unverified,
  type VoterRights,
} from '@sallyport/case';
import { SequenceConflict, SubjectBusy } from '@sallyport/case-log';
import { EntraError, MembershipReader, type RoleGroups, unknownPerson } from '@sallyport/entra';
import type { ApproverRole, EndingRefusal } from '@sallyport/evidence';
import { type Logger, loggerToken } from '@sallyport/service';
import { ApproverGroups } from './approver-groups';
import { ClickLimit } from './click-limit';
import { RecentRights } from './recent-rights';
import { StageRunner } from './stage-runner';
import type { Turn } from './turn';
import { roleGroupsToken } from './voting';

export const reviewRolesToken = Symbol('roles that may end a review');

/** What a person asks for. */
export type EndingRequest = Omit<Ending, 'at'> & { caseId: string };

/** What became of it. `case` is the case as it stands now, for showing it. */
export type EndingAnswer =
  /** The review has ended, now or by the same click before. */
  | { kind: 'ended'; case: Case }
  | { kind: 'refused'; refusal: EndingRefusal; words: string; case: Case }
  | { kind: 'noCase' };

/** Two people at once: the other's event is one, and a few refused tries may come between. */
const maxConflicts = 25;

interface Found {
  deadline?: AbortSignal;
  rights?: VoterRights | Unverified;
  atRisk?: boolean | null;
}

/**
 * The one way a person ends a manual review: rights are read from the directory at this moment, the rules of libs/case
 * judge, and the word is in the log before the answer leaves. Of two people at once one is first, and the other is told.
 */
@Injectable()
export class ReviewEndings {
  private readonly limit = new ClickLimit();
  private readonly seen = new RecentRights<VoterRights | Unverified>();

  constructor(
    private readonly stage: StageRunner,
    private readonly people: MembershipReader,
    private readonly approvers: ApproverGroups,
    @Inject(roleGroupsToken) private readonly groups: RoleGroups,
    @Inject(reviewRolesToken) private readonly roles: readonly ApproverRole[],
    @Inject(loggerToken) private readonly logger: Logger,
  ) {}

  async end(request: EndingRequest): Promise<EndingAnswer> {
    const found: Found = {};
    let turn = await this.stage.turnOf(request.caseId);
    for (let conflicts = 0; turn && conflicts <= maxConflicts; conflicts += 1) {
      const result = await this.judge(turn, request, found);
      const at = turn.now().toISOString();
      const event =
        result.kind === 'accepted'
          ? result.event
          : result.kind === 'refused'
            ? endingRefusalEvent(turn.case, { ...request, at }, result.refusal)
            : null;
      try {
        if (event) await turn.append(event);
      } catch (error) {
        if (error instanceof SubjectBusy) return this.refused(turn.case, request, 'subjectBusy');
        if (!(error instanceof SequenceConflict)) throw error;
        turn = await this.stage.turnOf(request.caseId);
        continue;
      }
      if (result.kind === 'refused') return this.refused(turn.case, request, result.refusal);
      if (found.deadline) await this.limit.giveBack(request.personId);
      if (result.kind === 'accepted') await this.wake(turn, request);
      return { kind: 'ended', case: turn.case };
    }
    return turn ? this.refused(turn.case, request, 'otherReview') : { kind: 'noCase' };
  }

  /**
   * Why this person could not end the review now, for pages that show forms only to whom they serve. Identity
   * Protection is not asked, and the directory once in a while. @returns null where they could. Only a hint: {@link end} asks again, for everything.
   */
  async objection(c: Case, personId: string, at: Date): Promise<EndingRefusal | null> {
    const ending: Ending = {
      ...{ personId, reviewSeq: c.review?.openedSeq ?? 0, steps: [] },
      resolution: canOnlyBeRetried(c) ? 'retry' : 'close',
      ...{ note: { untrusted: 'to look' }, at: at.toISOString() },
    };
    const early = endingRefusalBeforeRights(c, ending);
    const rights = early ? null : await this.seen.of(c.id, personId, at, () => this.rightsOf(c, personId));
    const result = early ?? endingRefusalBeforeRisk(c, ending, rights, this.roles);
    return result?.kind === 'refused' ? result.refusal : null;
  }

  /** What costs least is judged first: the log, then the directory, and Identity Protection where all else is right. */
  private async judge(turn: Turn, request: EndingRequest, found: Found): Promise<EndingResult> {
    const ending = { ...request, at: turn.now().toISOString() };
    const { personId } = request;
    const byLog = endingRefusalBeforeRights(turn.case, ending);
    if (byLog) return byLog;
    if (found.rights === undefined) {
      // Beyond some tries in a minute nothing is asked for this person, so nothing can be said of them.
      if (!(await this.limit.takes(personId))) return { kind: 'refused', refusal: 'unverified' };
      found.deadline = this.people.deadline();
      found.rights = await this.rightsOf(turn.case, personId, found.deadline);
    }
    const byRights = endingRefusalBeforeRisk(turn.case, ending, found.rights, this.roles);
    if (byRights) return byRights;
    if (found.atRisk === undefined) {
      const trace = [turn.case.id, 'review', personId];
      found.atRisk = await this.unlessUnknown(turn.case, () =>
        this.people.atRisk(personId, trace, found.deadline),
      );
    }
    const { rights, atRisk } = found;
    const person = rights && rights !== 'unknownPerson' && atRisk !== null ? { ...rights, atRisk } : null;
    return endReview(turn.case, ending, person, this.roles);
  }

  private refused(c: Case, { personId, resolution }: EndingRequest, refusal: EndingRefusal): EndingAnswer {
    this.logger.info({ caseId: c.id, refusal, resolution, personId }, 'end of a review refused');
    return { kind: 'refused', refusal, words: endingRefusalWords[refusal], case: c };
  }

  /** The word is stored; a queue that cannot be reached only delays what follows until the next sweep. */
  private async wake(turn: Turn, { personId, resolution }: EndingRequest): Promise<void> {
    this.logger.info({ caseId: turn.case.id, resolution, personId }, 'review ended');
    try {
      await this.stage.wakeNext(turn);
    } catch (error) {
      this.logger.warn({ err: error, caseId: turn.case.id }, 'wake-up not sent; the sweeper will');
    }
  }

  /**
   * @returns `unknownPerson` where the directory knows no such account; null where it cannot say who this is now, or who can
   * give themselves the role: nobody is believed on trust
   */
  private async rightsOf(c: Case, personId: string, signal?: AbortSignal): Promise<VoterRights | Unverified> {
    if (!this.approvers.areTrusted()) {
      this.logger.warn(
        { caseId: c.id },
        'no end of a review: the approver groups are not known to be protected',
      );
      return null;
    }
    return this.unlessUnknown(c, async () => {
      const bounds = { manager: false, ...(signal && { signal }) };
      const trace = [c.id, 'review', personId];
      try {
        const person = await this.people.rights(personId, this.groups, c.subjectId, trace, bounds);
        return { ...person, name: person.displayName };
      } catch (error) {
        if (error instanceof EntraError && error.code === unknownPerson) return unknownPerson;
        throw error;
      }
    });
  }

  private async unlessUnknown<T>(c: Case, ask: () => Promise<T>): Promise<T | null> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof EntraError)) throw error;
      this.logger.warn({ err: error, caseId: c.id }, 'whoever ends the review could not be verified');
      return null;
    }
  }
}
