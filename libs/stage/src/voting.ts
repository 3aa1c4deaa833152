import { Inject, Injectable } from '@nestjs/common';
import {
  type Case,
  castVote,
  type Click,
  refusalBeforeRights,
  refusalEvent,
  refusals,
  type Voter,
  type VoteResult,
} from '@sallyport/case';
import { SequenceConflict } from '@sallyport/case-log';
import { EntraError, MembershipReader, type RoleGroups } from '@sallyport/entra';
import type { Refusal, Untrusted, Vote, VoteChannel } from '@sallyport/evidence';
import { type Logger, loggerToken } from '@sallyport/service';
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
 * The one way a vote comes into a case, from Teams and from the console alike: rights are read from the directory at
 * this moment, the rules of libs/case judge them, and the vote is in the log before the answer leaves.
 */
@Injectable()
export class Voting {
  constructor(
    private readonly stage: StageRunner,
    private readonly people: MembershipReader,
    @Inject(roleGroupsToken) private readonly groups: RoleGroups,
    @Inject(loggerToken) private readonly logger: Logger,
  ) {}

  async vote(ballot: Ballot): Promise<BallotResult> {
    const { caseId, voterId } = ballot;
    let voter: Voter | null | undefined;
    let turn = await this.stage.turnOf(caseId);
    for (let conflicts = 0; turn?.case.proposal && conflicts <= maxConflicts; conflicts += 1) {
      const came: Click = { ...ballot, at: turn.now().toISOString() };
      // The directory is asked once per click, and not at all where its answer could change nothing.
      const early = refusalBeforeRights(turn.case, came);
      if (!early && voter === undefined) voter = await this.voterOf(turn.case, voterId);
      // The time to answer may have passed while the directory was asked: a vote counts from when it is taken.
      const click: Click = { ...came, at: turn.now().toISOString() };
      const result = early ?? castVote(turn.case, click, voter ?? null);
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
      if (result.kind === 'accepted') await this.wake(turn);
      return this.answer(turn.case, ballot, result);
    }
    if (!turn?.case.proposal) return { kind: 'nothingAsked' };
    return { kind: 'busy', words: busy, case: turn.case };
  }

  /**
   * Why this person could not vote on the proposal now, for pages that show buttons only to whom they serve.
   * @returns null where they could. Only a hint: {@link vote} asks again.
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
    const result = refusalBeforeRights(c, click) ?? castVote(c, click, await this.voterOf(c, voterId));
    return result.kind === 'refused' ? objected(result.refusal) : null;
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

  /** @returns null where the directory cannot say who this is now: a vote is never taken on trust */
  private async voterOf(c: Case, voterId: string): Promise<Voter | null> {
    if (!c.subjectId) return null;
    try {
      const person = await this.people.voter(voterId, this.groups, c.subjectId, [c.id, 'vote', voterId]);
      return { ...person, name: person.displayName };
    } catch (error) {
      if (!(error instanceof EntraError)) throw error;
      this.logger.warn({ err: error, caseId: c.id }, 'the voter could not be verified');
      return null;
    }
  }
}

const busy = 'Many people are answering at once. Please click again.';

const objected = (refusal: Refusal) => ({ refusal, words: refusals[refusal] });
