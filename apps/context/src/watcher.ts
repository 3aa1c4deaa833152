import {
  type Case,
  type Finding,
  isBlindTooLong,
  nextLookMs,
  openReview,
  type Watch,
  watchFinding,
  watchMove,
} from '@sallyport/case';
import { EvidenceReader, type GraphClient, systemRuntime } from '@sallyport/entra';
import type { SharedReads } from '@sallyport/entra/shared';
import type { Evidence, Instant } from '@sallyport/evidence';
import { FatalError, NotYet } from '@sallyport/queue';
import type { Clock } from '@sallyport/service';
import type { Turn } from '@sallyport/stage';

/** Clocks that differ by no more than this are taken for the same. */
const clockToleranceMs = 30_000;

/** Before the evidence was collected: a detection can become visible long after the time that it carries. */
const lateVisibleMs = 7 * 24 * 60 * 60_000;

/**
 * Looks at released accounts again until their watch ends. Reads the lists that all cases share, so that any number of
 * watches costs the tenant's budget two lists per look. Nothing is written for a look that finds nothing.
 */
export class Watcher {
  /**
   * @param paceMs between two looks
   * @param clockAheadMs how far this machine's clock is ahead of one that others share
   */
  constructor(
    private readonly graph: GraphClient,
    private readonly shared: Pick<SharedReads, 'view'>,
    private readonly clock: Clock,
    private readonly paceMs: number,
    private readonly clockAheadMs: () => Promise<number>,
  ) {}

  /** One look, if one is due. @throws NotYet while the watch goes on */
  async watch(turn: Turn): Promise<void> {
    const { watch, updatedAt } = turn.case;
    if (!watch) throw new FatalError('nothingWatched', 'the case watches nothing');
    const now = turn.now();
    const move = watchMove(watch, updatedAt, now, this.paceMs);
    if (move.kind === 'wait') throw new NotYet('watching', move.untilMs - now.getTime());
    const finding = await this.look(turn.case, move.asOf);
    const at = turn.now().toISOString();
    if (finding.kind === 'alarm') {
      await turn.append({ type: 'watch.alarmed', v: 1, at, detail: finding.detail });
    } else if (finding.kind === 'quiet' && move.last && (await this.isOver(watch, now))) {
      await turn.append({ type: 'watch.ended', v: 1, at, lookedAt: move.asOf });
    } else if (finding.kind === 'blind' && isBlindTooLong(watch, now)) {
      const { detail } = finding;
      await turn.append(openReview(turn.case, { stage: 'context', reason: 'watchBlind', detail, at }));
    } else {
      throw new NotYet('watching', nextLookMs(watch, turn.now(), this.paceMs) - turn.now().getTime());
    }
  }

  /** A clock that runs ahead must not end a watch that has hardly begun. */
  private async isOver({ until }: Watch, now: Date): Promise<boolean> {
    const aheadMs = await this.clockAheadMs();
    const trueMs = now.getTime() - (aheadMs > clockToleranceMs ? aheadMs : 0);
    return trueMs >= Date.parse(until);
  }

  /** @param asOf nothing that was read before this is used */
  private async look(c: Case, asOf: Instant): Promise<Finding> {
    const { evidence, subjectId } = c;
    if (!evidence || !subjectId) throw new FatalError('noSubject', 'nobody was released');
    const trace = [c.id, 'watch', asOf];
    const runtime = { ...systemRuntime, now: this.clock };
    const listed = new EvidenceReader(this.graph, trace, runtime, this.shared.view(asOf));
    const finding = await findingOf(listed, subjectId, evidence);
    // A list may lag behind the row: what it alone says of the risk is asked of the account itself.
    return finding.kind === 'alarm' && finding.cause === 'risk'
      ? findingOf(new EvidenceReader(this.graph, [...trace, 'alone'], runtime), subjectId, evidence)
      : finding;
  }
}

async function findingOf(reader: EvidenceReader, subjectId: string, evidence: Evidence): Promise<Finding> {
  const since = new Date(Date.parse(evidence.collectedAt) - lateVisibleMs).toISOString();
  const [risk, detections] = await Promise.all([reader.risk(subjectId), reader.detections(subjectId, since)]);
  return watchFinding(evidence, { risk, detections });
}
