import { Inject, Injectable } from '@nestjs/common';
import {
  type Case,
  castVote,
  type Click,
  refusalBeforeRights,
  refusalBeforeRisk,
  refusalEvent,
  refusals,
  requesterIds,
  type Unverified,
  type VoterRights,
  type VoteResult,
} from '@sallyport/case';
import { SequenceConflict } from '@sallyport/case-log';
import { EntraError, MembershipReader, type RoleGroups, unknownPerson } from '@sallyport/entra';
import type { Refusal, Untrusted, Vote, VoteChannel } from '@sallyport/evidence';
import { type Logger, loggerToken } from '@sallyport/service';
import { ApproverGroups } from './approver-groups';
import { ClickLimit } from './click-limit';
import { RecentRights } from './recent-rights';
import { RecentVoters } from './recent-voters';
import { StageRunner } from './stage-runner';
import type { Turn } from './turn';

export const roleGroupsToken = Symbol('role groups');

/** What a person asks for, on whichever page or card. */
export interface Ballot {
  caseId: string;
  /** The first hex digits of the digest of the proposal that the person was shown; see `parseCardId`. */
  proposalPrefix: string;
  /** Directory object id, proven by the channel: a checked bot token or an OIDC sign-in. */
  voterId: string;
  choice: Vote['choice'];
  comment: Untrusted | null;
  channel: VoteChannel;
  /** The channel's own id of this click. */
  activityId: string;
}

/** What became of a ballot. `case` is the case as it stands now, for showing it. */
export type BallotResult =
  /** The vote is in the log. */
  | { kind: 'recorded'; case: Case }
  /** The same person said the same before; nothing was written. */
  | { kind: 'repeated'; case: Case }
  | { kind: 'refused'; refusal: Refusal; words: string; case: Case }
  /** Nothing was recorded: too many others at the same moment. The person may try again. */
  | { kind: 'busy'; words: string; case: Case }
  /** No such case, or one that never asked anybody. */
  | { kind: 'nothingAsked' };

/**
 * Simultaneous clicks on one case: each loses at most against every other event that voting can write, which are 20
 * votes (four roles, five people each) and 20 refusals, apart from the few that are always written.
 */
const maxConflicts = 40;

/**
 * Refusals that stay the same however often the same person clicks; see {@link ClickLimit}. Also where nobody can be
 * verified: then each click costs as much, and the directory has least to spare.
 */
const costs: ReadonlySet<Refusal> = new Set([
  'unverified',
  'unknownPerson',
  'accountDisabled',
  'guest',
  'atRisk',
  'reportsToSubject',
  'noRole',
]);

/** What has been found out about the person behind one click; each is asked for once, and not before it is needed. */
interface Found {
  deadline?: AbortSignal;
  /** Absent: not asked yet. */
  rights?: VoterRights | Unverified;
  atRisk?: boolean | null;
}

/**
 * The one way a vote comes into a case, from Teams and from the console alike: rights are read from the directory at
 * this moment, the rules of libs/case judge them, and the vote is in the log before the answer leaves. What costs least
 * is judged first: the log, then the directory, and Identity Protection for those alone whose vote would count.
 */
@Injectable()
export class Voting {
  private readonly limit = new ClickLimit();
  private readonly voters = new RecentVoters();
  private readonly seen = new RecentRights<VoterRights | Unverified>();

  constructor(
    private readonly stage: StageRunner,
    private readonly people: MembershipReader,
    private readonly approvers: ApproverGroups,
    @Inject(roleGroupsToken) private readonly groups: RoleGroups,
    @Inject(loggerToken) private readonly logger: Logger,
  ) {}

  async vote(ballot: Ballot): Promise<BallotResult> {
    const { caseId } = ballot;
    const found: Found = {};
    let turn = await this.stage.turnOf(caseId);
    for (let conflicts = 0; turn?.case.proposal && conflicts <= maxConflicts; conflicts += 1) {
      const { click, result } = await this.judge(turn, ballot, found);
      const event =
        result.kind === 'accepted'
          ? result.event
          : result.kind === 'refused' && refusalEvent(turn.case, click, result.refusal);
      try {
        if (event) await turn.append(event);
      } catch (error) {
        if (!(error instanceof SequenceConflict)) throw error;
        turn = await this.stage.turnOf(caseId);
        continue;
      }
      if (found.deadline && !(result.kind === 'refused' && costs.has(result.refusal))) {
        await this.limit.giveBack(ballot.voterId);
      }
      if (result.kind === 'accepted') await this.wake(turn);
      return this.answer(turn.case, ballot, result);
    }
    if (!turn?.case.proposal) return { kind: 'nothingAsked' };
    return { kind: 'busy', words: busy, case: turn.case };
  }

  /** @param found what is known of the person; this adds to it */
  private async judge(
    turn: Turn,
    ballot: Ballot,
    found: Found,
  ): Promise<{ click: Click; result: VoteResult }> {
    // The time to answer may pass while others are asked: a vote counts from when it is taken.
    const clicked = (): Click => ({ ...ballot, at: turn.now().toISOString() });
    const refused = (result: VoteResult) => ({ click: clicked(), result });

    const byLog = refusalBeforeRights(turn.case, clicked());
    if (byLog) return refused(byLog);
    // Where nothing is asked, nothing is counted.
    if (found.rights === undefined && !this.canAsk(turn.case)) found.rights = null;
    if (found.rights === undefined) {
      if (!(await this.limit.takes(ballot.voterId)))
        return refused({ kind: 'refused', refusal: 'tooManyClicks' });
      found.deadline = this.people.deadline();
      this.expect(turn.case, ballot.voterId, turn.now());
      found.rights = await this.rightsOf(turn.case, ballot.voterId, found.deadline);
    }
    const byRights = refusalBeforeRisk(turn.case, clicked(), found.rights);
    if (byRights) {
      if (byRights.kind === 'refused' && costs.has(byRights.refusal)) this.voters.forget(ballot.voterId);
      return refused(byRights);
    }
    this.voters.add(ballot.voterId, turn.now());
    if (found.atRisk === undefined) {
      found.atRisk = await this.riskOf(turn.case, ballot.voterId, found.deadline);
    }
    const { rights, atRisk } = found;
    const voter = rights && rights !== 'unknownPerson' && atRisk !== null ? { ...rights, atRisk } : null;
    const click = clicked();
    return { click, result: castVote(turn.case, click, voter) };
  }

  /**
   * Why this person could not vote on the proposal now, for pages that show buttons only to whom they serve.
   * Identity Protection is not asked, and the directory once in a while: to look at a page must not use up the budget of
   * those who vote.
   * @returns null where they could, their own risk aside. Only a hint: {@link vote} asks again, for everything.
   */
  async objection(c: Case, voterId: string, at: Date): Promise<{ refusal: Refusal; words: string } | null> {
    if (!c.proposal) return objected('staleProposal');
    const click: Click = {
      voterId,
      // Whoever may do anything may deny: a denial needs no free slot.
      choice: 'deny',
      proposalPrefix: c.proposal.digest,
      comment: null,
      channel: 'console',
      activityId: 'none',
      at: at.toISOString(),
    };
    const early = refusalBeforeRights(c, click);
    const rights = early ? null : await this.seen.of(c.id, voterId, at, () => this.rightsOf(c, voterId));
    const result = early ?? refusalBeforeRisk(c, click, rights);
    return result?.kind === 'refused' ? objected(result.refusal) : null;
  }

  /**
   * Somebody looks at a card, or has clicked. Where they will most likely be let to vote, the reading of Identity Protection
   * that all voters share begins now, beside whatever else is read or while they read: for nobody else, because it has
   * one call per second for the whole tenant.
   */
  expect(c: Case, voterId: string, at: Date): void {
    const asked = c.phase === 'voting' && c.proposal?.outcome === null && this.approvers.areTrusted();
    const manager = isManager(c, voterId) && c.proposal?.quorum.some(({ role }) => role === 'manager');
    if (asked && !isDone(c, voterId) && (manager || this.voters.has(voterId, at))) this.people.expectVoter();
  }

  private answer(c: Case, { voterId }: Ballot, result: VoteResult): BallotResult {
    if (result.kind === 'accepted') return { kind: 'recorded', case: c };
    if (result.kind === 'repeated') return { kind: 'repeated', case: c };
    this.logger.info({ caseId: c.id, refusal: result.refusal, voterId }, 'vote refused');
    return { kind: 'refused', ...objected(result.refusal), case: c };
  }

  /** The vote is stored; a queue that cannot be reached only delays what follows until the next sweep. */
  private async wake(turn: Turn): Promise<void> {
    try {
      await this.stage.wakeNext(turn);
    } catch (error) {
      this.logger.warn({ err: error, caseId: turn.case.id }, 'wake-up not sent; the sweeper will');
    }
  }

  /**
   * @returns null where the directory cannot say who this is now, or who can make themselves an approver: a vote is never
   * taken on trust
   */
  private async rightsOf(
    c: Case,
    voterId: string,
    deadline?: AbortSignal,
  ): Promise<VoterRights | Unverified> {
    const { subjectId } = c;
    if (!subjectId || !this.canAsk(c)) return null;
    return this.unlessUnknown(c, async () => {
      const trace = [c.id, 'vote', voterId];
      const bounds = { manager: isManager(c, voterId), ...(deadline && { signal: deadline }) };
      try {
        const person = await this.people.rights(voterId, this.groups, subjectId, trace, bounds);
        return { ...person, name: person.displayName };
      } catch (error) {
        if (error instanceof EntraError && error.code === unknownPerson) return unknownPerson;
        throw error;
      }
    });
  }

  private canAsk(c: Case): boolean {
    const known = this.approvers.areTrusted();
    if (!known)
      this.logger.warn({ caseId: c.id }, 'no vote: the approver groups are not known to be protected');
    return known && c.subjectId !== null;
  }

  /** @returns null where nobody can say whether this person is at risk now */
  private riskOf(c: Case, voterId: string, deadline?: AbortSignal): Promise<boolean | null> {
    return this.unlessUnknown(c, () => this.people.atRisk(voterId, [c.id, 'vote', voterId], deadline));
  }

  private async unlessUnknown<T>(c: Case, ask: () => Promise<T>): Promise<T | null> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof EntraError)) throw error;
      this.logger.warn({ err: error, caseId: c.id }, 'the voter could not be verified');
      return null;
    }
  }
}

/** Whoever the evidence does not name as the manager holds that role in no vote, so the directory is not asked. */
const isManager = ({ evidence }: Case, voterId: string): boolean =>
  evidence?.manager.state === 'known' && evidence.manager.value?.id === voterId.toLowerCase();

/** Whoever has voted or asked for it looks on, by cards that refresh by themselves: such a look prepares no vote. */
const isDone = (c: Case, voterId: string): boolean => {
  const id = voterId.toLowerCase();
  return c.proposal?.votes.some((vote) => vote.voterId === id) === true || requesterIds(c).includes(id);
};

const busy = 'Many people are answering at once. Please click again.';

const objected = (refusal: Refusal) => ({ refusal, words: refusals[refusal] });
