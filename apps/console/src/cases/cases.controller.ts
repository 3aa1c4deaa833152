import { Body, Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { endingRefusalWords } from '@sallyport/case';
import { CaseLog, CaseLogDamaged } from '@sallyport/case-log';
import { type CaseEvent, caseIdSchema, untrusted } from '@sallyport/evidence';
import { type Clock, clockToken, type Logger, loggerToken } from '@sallyport/service';
import {
  type Ballot,
  type BallotResult,
  ReviewEndings,
  StageRunner,
  type Turn,
  Voting,
} from '@sallyport/stage';
import type { Request, Response } from 'express';
import { randomUUID } from 'node:crypto';
import { sendPage } from '../page';
import { type SignedIn, Sessions } from '../sessions';
import { ballotFrom } from './ballot';
import { caseListPage } from './case-list.page';
import { noDirectoryId, sendDamaged, sendNoCase, sendRefused, toSignIn } from './case-notices';
import { casePage } from './case.page';
import { type Ending, endingPath } from './ending-form';
import { FormGuard } from './form-guard';
import { readGroup } from './group.panel';
import { refusalWords } from './refusal-words';
import { type Answering, casePath, votesPath } from './vote-form';

/**
 * Cases for people to look at, and the same vote as on a card. GET shows and decides nothing, so neither a prefetch nor
 * a link preview can; a vote is a POST that passes, in this order: same origin, sign-in, form token, step-up, and then
 * {@link Voting}, which asks the directory for this person's rights at that moment.
 */
@Controller('cases')
export class CasesController {
  constructor(
    private readonly sessions: Sessions,
    private readonly log: CaseLog,
    private readonly stage: StageRunner,
    private readonly voting: Voting,
    private readonly endings: ReviewEndings,
    private readonly guard: FormGuard,
    @Inject(clockToken) private readonly clock: Clock,
    @Inject(loggerToken) private readonly logger: Logger,
  ) {}

  @Get()
  async list(@Req() request: Request, @Res() response: Response): Promise<void> {
    const person = this.sessions.person(request);
    if (person === null) return toSignIn(response, '/cases');
    sendPage(response, { title: 'Cases', person, body: await caseListPage(this.log, this.clock()) });
  }

  @Get(':caseId')
  async show(
    @Req() request: Request,
    @Res() response: Response,
    @Param('caseId') caseId: string,
  ): Promise<void> {
    const signedIn = this.sessions.signedIn(request);
    if (signedIn === null) return toSignIn(response, request.path);
    const found = await this.find(caseId);
    if (found === 'none') return sendNoCase(response);
    if (found === 'damaged') return sendDamaged(response);
    const { turn, events } = found;
    const answering = await this.answering(signedIn, turn);
    const ending = await this.ending(signedIn, turn);
    sendPage(response, {
      title: turn.case.opened.ticketNumber,
      person: signedIn.person,
      body: casePage(turn.case, events, answering, turn.now(), await readGroup(this.log, turn.case), ending),
    });
  }

  @Post(':caseId/votes')
  async vote(
    @Req() request: Request,
    @Res() response: Response,
    @Param('caseId') caseId: string,
    @Body() body: unknown,
  ): Promise<void> {
    if (!caseIdSchema.safeParse(caseId).success) return sendNoCase(response);
    const sent = { caseId, what: 'vote', path: votesPath(caseId), form: ballotFrom(body) } as const;
    const passed = this.guard.pass(request, response, sent);
    if (passed === null) return;
    const back = casePath(caseId);
    const { choice, comment, proposal } = passed.form;
    const result = await this.resultOf({
      caseId,
      proposalPrefix: proposal,
      voterId: passed.directoryId,
      choice,
      comment: comment === '' ? null : untrusted(comment),
      channel: 'console',
      activityId: `console-${randomUUID()}`,
    });
    switch (result.kind) {
      case 'recorded':
      case 'repeated':
        return response.redirect(303, back);
      case 'refused':
        return sendRefused(response, 409, refusalWords[result.refusal], back, 'vote');
      case 'busy':
        return sendRefused(response, 503, result.words, back, 'vote');
      case 'nothingAsked':
        return sendNoCase(response);
      case 'damaged':
        return sendDamaged(response);
    }
  }

  private async resultOf(ballot: Ballot): Promise<BallotResult | { kind: 'damaged' }> {
    try {
      return await this.voting.vote(ballot);
    } catch (error) {
      if (!(error instanceof CaseLogDamaged)) throw error;
      this.logger.error({ caseId: ballot.caseId, err: error }, 'a vote on a damaged case');
      return { kind: 'damaged' };
    }
  }

  /** What is read twice, the case and its events, belongs together: the case is folded from events up to its own. */
  private async find(
    caseId: string,
  ): Promise<{ turn: Turn; events: readonly CaseEvent[] } | 'none' | 'damaged'> {
    if (!caseIdSchema.safeParse(caseId).success) return 'none';
    try {
      const turn = await this.stage.turnOf(caseId);
      if (!turn) return 'none';
      const { links } = await this.log.read(caseId);
      return { turn, events: links.slice(0, turn.case.seq).map(({ event }) => event) };
    } catch (error) {
      if (!(error instanceof CaseLogDamaged)) throw error;
      this.logger.error({ caseId, err: error }, 'a damaged case was looked at');
      return 'damaged';
    }
  }

  /** Asks the directory only while there is something to vote on. A hint for the page: the vote asks again. */
  private async answering(signedIn: SignedIn, turn: Turn): Promise<Answering | null> {
    const { case: c } = turn;
    if (c.phase !== 'voting' && c.phase !== 'posting') return null;
    const { directoryId } = signedIn.person;
    const objection = directoryId === null ? null : await this.voting.objection(c, directoryId, turn.now());
    return {
      objection: directoryId === null ? noDirectoryId : objection && refusalWords[objection.refusal],
      approved: c.proposal?.votes.some(({ voterId }) => voterId === directoryId) ?? false,
      lacking: this.guard.lacks(signedIn),
      formToken: this.guard.tokenFor(signedIn, votesPath(c.id)),
    };
  }

  /** The same for a case that waits for somebody to end its review. */
  private async ending(signedIn: SignedIn, { case: c }: Turn): Promise<Ending | null> {
    if (c.phase !== 'inReview') return null;
    const { directoryId } = signedIn.person;
    const objection = directoryId && (await this.endings.objection(c, directoryId, this.clock()));
    return {
      objection: directoryId === null ? noDirectoryId : objection && endingRefusalWords[objection],
      lacking: this.guard.lacks(signedIn),
      formToken: this.guard.tokenFor(signedIn, endingPath(c.id)),
    };
  }
}
