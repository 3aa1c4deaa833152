/** Plays a story on the line under a schedule: deliveries, votes, sweeps and time, until every case rests. */
import { type Case, doubtsOf, nextStage, openSteps } from '@sallyport/case';
import { type EventOf, stages } from '@sallyport/evidence';
import { caseIdFor } from '@sallyport/idempotency';
import { StageContext } from '@sallyport/queue';
import { Fate, live, oneProcess, type Trouble } from './life';
import type { Ground, Line, Lines, Setting } from './line';
import { MemoryStore } from './memory-log';
import { MemoryQueue, type QueuedJob } from './memory-queue';
import { type Account, Outside, people, subject } from './outside';
import { unfoundedWrite } from './promises';

export interface Ballot {
  voter: string;
  choice: 'approve' | 'deny';
}

/** A story: what the tenant looks like, who votes, and what happens meanwhile. */
export interface Story {
  name: string;
  /** Changes the ordinary account: medium risk that a new device explains. */
  given?: (account: Account, outside: Outside) => void;
  ballots?: readonly Ballot[];
  /** Columns of the ticket that differ from an ordinary one's. */
  ticket?: Readonly<Record<string, string>>;
  /** Whom each ticket is about. Default: one, about the subject. */
  tickets?: readonly string[];
  /** What comes due of these tickets is voted on and carried out together. */
  atOnce?: boolean;
  /** Default: `usual`. */
  setting?: Setting;
  /** How a person of SecOps ends each review, who looks at the account first. Default: nobody ends any. */
  endsReviews?: 'retry' | 'doneByHand';
  /** Something that happens in the tenant once an event of this type is in the log. */
  when?: { event: string; then: (outside: Outside, ground: Ground) => void };
  /** Another story has the same commits and calls but for a few: one trouble of so many is enough. Default 1: all. */
  oneOf?: number;
  /** How every case ends where nothing goes wrong. */
  ends: readonly string[];
  /** Writes to the directory where nothing goes wrong. */
  writes: readonly string[];
  /** Calls that these take, where one is for several people. */
  calls?: number;
}

export interface Played {
  ground: Ground;
  cases: Case[];
  deliveries: number;
  /** Writes that came without what they need. */
  unfounded: string[];
}

/** More than the patience of every stage together; what is not at rest then never will be. */
const maxTurns = 4_000;
const sweepEveryMs = 15_000;
/** What has been tried again so often stays with people. */
const maxRetries = 2;
/** Who could not be heard asks again, but not for ever. */
const maxEndings = 6;
/** A person who was told to click again does so, but not for ever. */
const maxClicks = 12;
/** Longer than what was looked at before a step counts, and than may lie between an intent and its call. */
const pauseMs = 40_000;
/** Hours pass between plays: nothing that a process remembers of one is fresh in the next. */
const betweenMs = 3 * 3_600_000;

export class Plays {
  private nowMs = Date.UTC(2026, 2, 2, 8);
  ground: Ground = this.lay([]);
  private lines: Lines | undefined;

  on(lines: Lines): void {
    this.lines = lines;
  }

  private lay(troubles: readonly Trouble[]): Ground {
    const clock = { nowMs: this.nowMs };
    const fate = new Fate(troubles);
    const queue = new MemoryQueue(() => this.ground);
    const calm = { otherRules: false, atOnce: false };
    return { fate, clock, queue, store: new MemoryStore(), outside: new Outside(clock, fate), ...calm };
  }

  async play(story: Story, troubles: readonly Trouble[]): Promise<Played> {
    if (!this.lines) throw new Error('there is no line to play on');
    this.nowMs = this.ground.clock.nowMs + betweenMs;
    this.ground = this.lay(troubles);
    const played = await new Play(story, this.ground, this.lines[story.setting ?? 'usual']).run();
    return played;
  }
}

class Play {
  private deliveries = 0;
  private readonly unfounded: string[] = [];
  private happened = false;
  private readonly clicks = new Map<string, number>();
  private readonly ids: string[] = [];
  private sweptAtMs = 0;
  private endings = 0;

  constructor(
    private readonly story: Story,
    private readonly ground: Ground,
    private readonly line: Line,
  ) {}

  async run(): Promise<Played> {
    const { outside } = this.ground;
    this.story.given?.(outside.account, outside);
    outside.onWrite = (step, about) => this.unfounded.push(...unfoundedWrite(step, about, this.ground.store));
    for (const [at, about] of (this.story.tickets ?? [subject]).entries()) await this.arrive(at + 1, about);
    for (let turn = 0; turn < maxTurns; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      this.happen();
      const cases = this.cases();
      if (cases.every(rests) && this.ground.queue.next(Infinity) === null) {
        if (!(await this.endReview(cases))) return this.played(cases);
        continue;
      }
      if (!(await this.vote(cases)) && !(await this.deliver())) await this.pass();
    }
    const now = this.cases().map((c) => c.phase);
    throw new Error(`never at rest: ${now.join(', ')}`);
  }

  private played(cases: Case[]): Played {
    return { ground: this.ground, cases, deliveries: this.deliveries, unfounded: this.unfounded };
  }

  private cases(): Case[] {
    return this.ids.flatMap((id) => this.ground.store.heads.get(id)?.case ?? []);
  }

  /** A ticket arrives: ingest opens the case and wakes context, and is told again where it died. */
  private async arrive(at: number, about: string): Promise<void> {
    const ticket = { instance: 'harness', ticketSysId: String(at).padStart(32, '0'), episode: 'reopened-0' };
    const ticketNumber = `INC000000${at}`;
    const caseId = caseIdFor(ticket);
    this.ground.outside.addTicket(ticket.ticketSysId, ticketNumber, about, this.story.ticket);
    const event: EventOf<'case.opened'> = {
      ...{ type: 'case.opened', v: 1, at: this.instant(), caseId, ...ticket, ticketNumber },
      ...{ origin: 'webhook', messageId: `msg_${at}` },
    };
    const open = () =>
      live(async () => {
        await this.line.log.open(event);
        await this.ground.queue.wake({ caseId, stage: 'context', seq: 1 });
      });
    for (let told = 1; (await open()).kind !== 'done'; told += 1) if (told > 3) throw new Error('not opened');
    this.ids.push(caseId);
  }

  private happen(): void {
    const { when } = this.story;
    if (!when || this.happened) return;
    const seen = this.ids.some((id) =>
      this.ground.store.eventsOf(id).some((event) => event.type === when.event),
    );
    if (!seen) return;
    this.happened = true;
    when.then(this.ground.outside, this.ground);
  }

  /** @returns whether somebody ended one, or tried to */
  private async endReview(cases: readonly Case[]): Promise<boolean> {
    const { endsReviews: resolution } = this.story;
    const c = cases.find((one) => one.phase === 'inReview');
    if (!resolution || !c?.review || c.retry.count === maxRetries || this.endings === maxEndings)
      return false;
    this.endings += 1;
    this.ground.clock.nowMs += 60_000;
    const { outside } = this.ground;
    if (resolution === 'doneByHand') outside.dismissByHand();
    // Who looks says of a step in doubt only what is so.
    const steps =
      resolution === 'retry'
        ? doubtsOf(c)
            .filter(({ action }) => !outside.shows(action.step, c.subjectId ?? subject))
            .map(({ slot, action }) => ({ slot, step: action.step, done: false }))
        : openSteps(c).map((open) => ({ ...open, done: true }));
    const { openedSeq: reviewSeq } = c.review;
    const request = { caseId: c.id, personId: people.bob, reviewSeq, resolution, steps };
    await live(() => this.line.endings().end({ ...request, note: { untrusted: 'I looked.' } }));
    return true;
  }

  /** @returns whether somebody clicked */
  private async vote(cases: readonly Case[]): Promise<boolean> {
    const { atOnce = false } = this.story;
    if (atOnce && cases.some(({ phase }) => !askedOrRests.has(phase))) return false;
    const c = cases.find(({ phase }) => phase === 'voting');
    if (!c?.proposal || this.instant() >= c.proposal.expiresAt) return false;
    const { digest, votes } = c.proposal;
    const ballot = (this.story.ballots ?? []).find(({ voter }) => {
      const clicked = this.clicks.get(`${digest}${voter}`) ?? 0;
      return clicked < maxClicks && !votes.some((vote) => vote.voterId === voter);
    });
    if (!ballot) return false;
    const clicked = (this.clicks.get(`${digest}${ballot.voter}`) ?? 0) + 1;
    this.clicks.set(`${digest}${ballot.voter}`, clicked);
    this.ground.clock.nowMs += 20_000;
    const { voter, choice } = ballot;
    await live(async () => {
      const result = await this.line.voting().vote({
        ...{ caseId: c.id, proposalPrefix: digest, voterId: voter, choice, comment: null },
        ...{ channel: 'teams', activityId: `click-${voter}-${clicked}` },
      });
      // Who was told why does not click again; who was told to click again does.
      const final = result.kind === 'refused' && !['unverified', 'notReady'].includes(result.refusal);
      if (final) this.clicks.set(`${digest}${voter}`, maxClicks);
    });
    return true;
  }

  /** @returns whether there was a job */
  private async deliver(): Promise<boolean> {
    const { queue, clock, fate } = this.ground;
    const queued = queue.next(clock.nowMs, this.story.atOnce ? 'executor' : undefined);
    if (!queued) return false;
    this.deliveries += 1;
    const what = fate.take('delivery', this.deliveries);
    if (what === 'queue lost') {
      queue.jobs.clear();
      return true;
    }
    if (what === 'twice at once') {
      const twin = structuredClone(queued);
      await Promise.all([this.handle(queued), this.handle(twin)]);
    } else if (what === 'twice') {
      await this.handle(structuredClone(queued));
      await this.handle(queued);
    } else {
      const due = this.story.atOnce ? queue.dueLike(queued, clock.nowMs) : [queued];
      this.ground.atOnce = due.length > 1;
      const life = oneProcess();
      await Promise.all(due.map((one) => this.handle(one, life)));
      this.ground.atOnce = false;
    }
    return true;
  }

  private async handle(queued: QueuedJob, life = oneProcess()): Promise<void> {
    const { queue, clock, fate } = this.ground;
    const app = this.line.apps[queued.job.stage];
    queued.starts += 1;
    // A process stands still for longer than its queue waits for it: another one gets the job meanwhile.
    fate.meanwhile = async () => {
      clock.nowMs += pauseMs;
      await this.handle({ ...structuredClone(queued), starts: 0 });
    };
    const handled = () => app.handle(queued.job, new StageContext([queued.failures + 1, 'harness']));
    const end = await live(handled, life);
    if (end.kind === 'done') return queue.completed(queued);
    // Its worker is gone: the queue notices after its stall interval and gives the job to another.
    if (end.kind === 'died') {
      queued.notBeforeMs = clock.nowMs + sweepEveryMs;
      return;
    }
    const dead = queue.threw(queued, end.error, clock.nowMs);
    if (dead) await live(() => app.deadLetters.handOver(queued.job, dead));
  }

  /** Nothing is due: time passes until something is, and every stage sweeps. */
  private async pass(): Promise<void> {
    const { clock, queue } = this.ground;
    const dues = this.cases().flatMap((c) => Date.parse(nextStage(c)?.dueAt ?? '') || []);
    const times = [queue.nextAtMs() ?? Infinity, ...dues].filter((atMs) => atMs > clock.nowMs);
    // What is overdue already waits for the next sweep.
    const sweepAtMs = dues.some((atMs) => atMs <= clock.nowMs) ? clock.nowMs + sweepEveryMs : Infinity;
    const next = Math.min(sweepAtMs, ...times);
    if (next === Infinity) throw new Error(`nothing will ever wake ${this.cases().map((c) => c.phase)}`);
    clock.nowMs = next;
    if (clock.nowMs - this.sweptAtMs < sweepEveryMs) return;
    this.sweptAtMs = clock.nowMs;
    for (const stage of stages) await live(() => this.line.apps[stage].sweeper.sweep());
  }

  private instant(): string {
    return new Date(this.ground.clock.nowMs).toISOString();
  }
}

/** Where a case that is to be voted on together with others waits for them. */
const askedOrRests: ReadonlySet<Case['phase']> = new Set(['voting', 'executing', 'closed', 'inReview']);
const rests = (c: Case): boolean => c.phase === 'closed' || c.phase === 'inReview';
