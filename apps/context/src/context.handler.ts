import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { alarmIsUntold, type Case, openReview, riskEpisodeOf, riskLagsBehind } from '@sallyport/case';
import { CaseLog, SubjectBusy } from '@sallyport/case-log';
import { type Evidence, evidenceParts, type Job, type Reading, type Ticket } from '@sallyport/evidence';
import { evidenceDigest } from '@sallyport/idempotency';
import { defaultRetryPolicy, NotYet, RetryableError, StageContext, StageHandler } from '@sallyport/queue';
import { StageRunner, type Turn } from '@sallyport/stage';
import { EvidenceCollector } from './evidence-collector';
import { Watcher } from './watcher';

/** How long a case waits for Identity Protection to finish computing before policy sees the risk as unsettled. */
const processingPatienceMs = 10 * 60_000;
const processingPollMs = 15_000;

/** A ticket about the same detections within this time is taken for a second report of one matter. */
const sameMatterMs = 60 * 60_000;
const sameMatterSince = (now: Date) => new Date(now.getTime() - sameMatterMs);

/** Reads what an approver and a policy need to know. Talks to ServiceNow and Graph, and only reads. */
@Controller()
export class ContextHandler {
  constructor(
    private readonly stage: StageRunner,
    private readonly log: CaseLog,
    private readonly collector: EvidenceCollector,
    private readonly watcher: Watcher,
  ) {}

  @StageHandler('context')
  handle(@Payload() job: Job, @Ctx() delivery: StageContext): Promise<void> {
    return this.stage.run(job, (turn) =>
      turn.case.phase === 'watching' ? this.watcher.watch(turn) : this.collect(turn, delivery.attempt),
    );
  }

  private async collect(turn: Turn, attempt: number): Promise<void> {
    const { opened, id } = turn.case;
    const answer = await this.collector.ticket(id, opened.ticketSysId);
    const ticket = ticketAsItWas(turn.case, answer) ?? answer;
    if (ticket.state === 'unknown' && ticket.reason === 'unavailable') {
      throw new RetryableError('ticketUnavailable', 'ServiceNow could not be read');
    }
    const subjectId = ticket.state === 'known' ? ticket.value.subjectId : null;
    const lost = alarmIsUntold(turn.case) ? subjectLost(turn.case, ticket) : null;
    if (lost) {
      const at = turn.now().toISOString();
      await turn.append(
        openReview(turn.case, { stage: 'context', reason: 'subjectChanged', detail: lost, at }),
      );
      return;
    }
    const primaryCaseId = subjectId && (await this.log.activeCaseOf(subjectId));
    if (primaryCaseId && primaryCaseId !== id) return this.link(turn, primaryCaseId);

    const evidence = await this.collector.collect(id, ticket, turn.case.updatedAt);
    this.mayDecideOn(evidence, turn, attempt);
    const episode = riskEpisodeOf(subjectId, evidence);
    const earlier =
      episode && (await this.log.caseOfEpisode(episode, opened.ticketNumber, sameMatterSince(turn.now())));
    // A case that released this account looks at it again itself.
    if (earlier && earlier !== id && !turn.case.watch) return this.link(turn, earlier);
    try {
      await turn.append({
        type: 'evidence.collected',
        v: 1,
        at: turn.now().toISOString(),
        evidence,
        evidenceDigest: evidenceDigest(evidence),
        subjectId,
      });
    } catch (error) {
      if (!(error instanceof SubjectBusy) || !subjectId) throw error;
      // Two tickets about one user at the same instant: the other case was first.
      const other = await this.log.activeCaseOf(subjectId);
      if (!other) throw new RetryableError('subjectBusy', 'the case that governed this user has just closed');
      await this.link(turn, other);
    }
  }

  /**
   * Rides out what passes: a Graph outage costs attempts with backoff, a risk still being computed costs patience.
   * After that the evidence is stored as it is, with its unknowns, and policy holds the case. The history of the risk is
   * not waited for beyond its own calls: only a release needs it, and a containment must not stand still for it.
   */
  private mayDecideOn(evidence: Evidence, turn: Turn, attempt: number): void {
    const unavailable = evidenceParts.filter(
      (part) =>
        part !== 'history' && evidence[part]?.state === 'unknown' && evidence[part].reason === 'unavailable',
    );
    if (unavailable.length > 0 && attempt < defaultRetryPolicy.attempts) {
      throw new RetryableError('evidenceUnavailable', `could not read: ${unavailable.join(', ')}`);
    }
    const waitedMs = turn.now().getTime() - Date.parse(turn.case.updatedAt);
    const processing = evidence.risk.state === 'known' && evidence.risk.value.processing;
    // The watch has seen the detection, and the risk of the account has not followed yet: it would be judged as harmless.
    const behind = alarmIsUntold(turn.case) && riskLagsBehind(evidence);
    if ((processing || behind) && waitedMs < processingPatienceMs)
      throw new NotYet('riskProcessing', processingPollMs);
  }

  private async link(turn: Turn, primaryCaseId: string): Promise<void> {
    await turn.append({ type: 'case.linked', v: 1, at: turn.now().toISOString(), primaryCaseId });
  }
}

/**
 * The account that was released is at risk again, and the log knows whose it is: containing it does not wait for
 * ServiceNow. Nothing is loosened by this reading: before that, the executor reads the ticket anew.
 */
function ticketAsItWas(c: Case, answer: Reading<Ticket>): Reading<Ticket> | null {
  const before = c.evidence?.ticket;
  const silent = answer.state === 'unknown' && answer.reason === 'unavailable';
  if (!silent || !alarmIsUntold(c) || before?.state !== 'known') return null;
  // Dated by when it was read, and named for what it is.
  const call = `${before.source.call.replace(earlier, '')}${earlier}`;
  return { ...before, source: { ...before.source, call } };
}
const earlier = ' (as read before the release: ServiceNow does not answer)';

/**
 * How the ticket has let go of the account that was released and is at risk again, in words without personal data, or
 * null. Following the ticket would leave that account open, so a person hears of it.
 */
function subjectLost({ subjectId }: Case, ticket: Reading<Ticket>): string | null {
  if (ticket.state === 'unknown') return `The ticket could not be read (${ticket.reason}).`;
  const named = ticket.value.subjectId;
  if (named === subjectId) return null;
  const now = named ? `the user with object id ${named}` : 'nobody whose object id is known';
  return `The account that was released has object id ${subjectId}; the ticket names ${now}.`;
}
