import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Case } from '@sallyport/case';
import type { CaseLog } from '@sallyport/case-log';
import type { CaseEvent, Stage, Vote } from '@sallyport/evidence';
import { cardId, caseIdFor } from '@sallyport/idempotency';
import {
  durationMs,
  incidentNumber,
  ownKeys,
  type Scenario,
  type ScenarioStep,
  stableGuid,
  stableSysId,
  withOwnKeys,
} from '@sallyport/scenario';
import { rehearsal } from '../stack/service-env';
import type { PostedMessage, SimulatorClient } from '../stack/simulator-client';
import { alertMessage } from './alert-message';
import { ConsoleVisit } from './console-visit';
import { answerText } from './card-answer';
import { sendSigned } from './send-signed';

/** How long a case may take to come to rest. Most take a second; a read-back that finds nothing takes twenty. */
const settleTimeoutMs = 90_000;
/** How long people get to find the card and click. */
const byHandTimeoutMs = 60 * 60_000;
const pollMs = 100;

/** What a rehearsal can do to the stack it runs on. Only a stack that we started ourselves can be broken. */
export interface Scene {
  ingestUrl: string;
  consoleUrl: string;
  simulator: SimulatorClient;
  log: CaseLog;
  /** The time that every service goes by. */
  now(): Date;
  later(ms: number): Promise<void> | void;
  kill?(service: 'ingest' | Stage): Promise<void>;
  loseQueue?(): Promise<void>;
}

export interface RehearsalOptions {
  progress?: (message: string) => void;
  /** Leaves the votes to people, who click on the simulated Teams page. */
  byHand?: boolean;
}

export interface Answered {
  step: string;
  expected: string;
  actual: string;
}

/** Plays a scenario: loads its tenant, lets things happen in order, and waits until every case rests. */
export class Rehearsal {
  private readonly prefix: string;
  private readonly own: ReadonlySet<string>;
  readonly answers: Answered[] = [];
  private faultIds: readonly number[] = [];
  /** Incidents that Sallyport made, by the key that the scenario gives them. */
  private readonly made = new Map<string, Case['opened']>();

  constructor(
    private readonly scene: Scene,
    private readonly scenario: Scenario,
    private readonly given: unknown,
    private readonly options: RehearsalOptions = {},
  ) {
    this.prefix = `${randomUUID().slice(0, 8)}-`;
    this.own = ownKeys(scenario.given.tenant);
  }

  private say(message: string): void {
    this.options.progress?.(message);
  }

  private keyOf(key: string): string {
    return this.own.has(key) ? `${this.prefix}${key}` : key;
  }
  userId(key: string): string {
    return (
      this.scenario.given.tenant.users.find((user) => user.key === key)?.id ??
      stableGuid('user', this.keyOf(key))
    );
  }
  ticketSysId(key: string): string {
    const made = this.made.get(key);
    if (made) return made.ticketSysId;
    return stableSysId('incident', this.keyOf(key));
  }
  ticketNumber(key: string): string {
    return (
      this.made.get(key)?.ticketNumber ??
      this.scenario.given.tenant.incidents.find((incident) => incident.key === key)?.number ??
      incidentNumber(this.keyOf(key))
    );
  }
  caseId(ticket: string): string {
    const ticketSysId = this.ticketSysId(ticket);
    return caseIdFor({ instance: rehearsal.instance, ticketSysId, episode: 'reopened-0' });
  }
  /** Every ticket that arrives or is expected to end somehow. */
  get tickets(): string[] {
    const arriving = this.scenario.when.flatMap((step) =>
      'ticket' in step ? [step.ticket] : 'tickets' in step ? step.tickets : 'alert' in step ? [step.as] : [],
    );
    return [...new Set([...arriving, ...Object.keys(this.scenario.then.cases)])];
  }

  async play(): Promise<void> {
    const { tenant, faults } = this.given as { tenant: unknown; faults?: unknown[] };
    await this.scene.simulator.loadTenant(withOwnKeys(tenant, this.own, this.prefix), this.scene.now());
    if (faults?.length)
      this.faultIds = await this.scene.simulator.addFaults(withOwnKeys(faults, this.own, this.prefix));
    for (const step of this.scenario.when) await this.take(step);
    for (const ticket of this.tickets) {
      await this.waitFor(ticket, (c) => c.phase === 'closed' || c.phase === 'inReview', 'to come to rest');
    }
  }

  /**
   * Takes this scenario's faults and detections out of the tenant. Faults that are left would strike others, and the
   * detections of many scenarios together would be what they look like: a campaign, in which nobody is released.
   */
  async leave(): Promise<void> {
    if (this.faultIds.length > 0) await this.scene.simulator.removeFaults(this.faultIds);
    for (const { key } of this.scenario.given.tenant.users) {
      await this.scene.simulator.forgetDetections(this.userId(key));
    }
  }

  /** The case of a ticket as it stands, or null. */
  async caseOf(ticket: string): Promise<Case | null> {
    return (await this.scene.log.load(this.caseId(ticket)))?.case ?? null;
  }

  async eventsOf(ticket: string): Promise<CaseEvent[]> {
    return (await this.scene.log.read(this.caseId(ticket))).links.map((link) => link.event);
  }

  private async take(step: ScenarioStep): Promise<void> {
    if ('ticket' in step) {
      const message = this.webhook(step.ticket);
      this.say(
        `ticket ${this.ticketNumber(step.ticket)} arrives${step.times > 1 ? ` ${step.times} times` : ''}`,
      );
      await Promise.all(Array.from({ length: step.times }, () => this.send(message)));
    } else if ('tickets' in step) {
      this.say(`${step.tickets.length} tickets arrive at once`);
      await Promise.all(step.tickets.map((ticket) => this.send(this.webhook(ticket))));
    } else if ('alert' in step) {
      this.say(`an alert about ${step.alert.subject} arrives${step.times > 1 ? ` ${step.times} times` : ''}`);
      await this.alert(step);
    } else if ('vote' in step) {
      if (this.options.byHand)
        this.say(`${step.vote} is expected to click ${step.choice}; waiting for people`);
      else await this.vote(step);
    } else if ('review' in step) {
      if (this.options.byHand)
        this.say(`${step.by} is expected to end the review (${step.review}); waiting for people`);
      else await this.endReview(step);
    } else if ('later' in step) {
      this.say(`${step.later} later`);
      await this.scene.later(durationMs(step.later));
    } else if ('kill' in step) {
      if (!this.scene.kill)
        throw new Error('this stack was started elsewhere: its services cannot be killed');
      this.say(`${step.kill} is killed and comes back`);
      await this.scene.kill(step.kill as 'ingest' | Stage);
    } else if ('loseQueue' in step) {
      if (!this.scene.loseQueue)
        throw new Error('this stack was started elsewhere: its queue cannot be emptied');
      this.say('the queue loses everything');
      await this.scene.loseQueue();
    } else if ('until' in step) {
      await until(`${step.on}: no ${step.until}`, async () => {
        const events = await this.eventsOf(step.on);
        return events.filter((event) => event.type === step.until).length >= step.times;
      });
    } else if ('untilAsked' in step) {
      const { simulator } = this.scene;
      await until(`${step.about}: no ${step.untilAsked}`, async () => {
        const counts = await simulator.writes(this.userId(step.about));
        return (counts[step.untilAsked]?.asked ?? 0) > 0;
      });
    } else {
      await this.scene.simulator.patch(withOwnKeys(step.patch, this.own, this.prefix));
    }
  }

  private webhook(ticket: string): { id: string; body: string } {
    const incident = this.scenario.given.tenant.incidents.find((candidate) => candidate.key === ticket);
    const body = JSON.stringify({
      type: 'incident.created',
      timestamp: new Date().toISOString(),
      data: {
        sys_id: this.ticketSysId(ticket),
        number: this.ticketNumber(ticket),
        instance: rehearsal.instance,
        category: incident?.category ?? 'security',
        sys_mod_count: 0,
        reopen_count: 0,
      },
    });
    return { id: `msg_${randomUUID()}`, body };
  }

  private async send({ id, body }: { id: string; body: string }): Promise<void> {
    await sendSigned(`${this.scene.ingestUrl}/webhooks/tickets`, {
      id,
      body,
      secret: rehearsal.webhookSecret,
    });
  }

  /** All answers must name one case; from then on the scenario's key names its incident. */
  private async alert(step: Extract<ScenarioStep, { alert: unknown }>): Promise<void> {
    const message = alertMessage(step, this.userId(step.alert.subject), `${this.prefix}${step.as}`);
    const url = `${this.scene.ingestUrl}/webhooks/alerts`;
    const answers = await Promise.all(Array.from({ length: step.times }, () => sendSigned(url, message)));
    const caseIds = [...new Set(answers.map(({ caseId }) => caseId))];
    const opened = (await this.scene.log.load(caseIds[0] ?? ''))?.case.opened;
    const known = this.made.get(step.as);
    if (opened) this.made.set(step.as, known ?? opened);
    const same = caseIds.length === 1 && opened && (!known || known.ticketSysId === opened.ticketSysId);
    const actual = same ? 'one case' : `cases ${caseIds.join(', ')}`;
    this.answers.push({ step: `alert ${step.as}`, expected: 'one case', actual });
  }

  private async vote(step: Extract<ScenarioStep, { vote: string }>): Promise<void> {
    const person = this.userId(step.vote);
    const c = await this.waitFor(
      step.on,
      (now) => now.proposal !== null && now.phase !== 'posting',
      'to be asked',
    );
    const card = await this.cardFor(c, person);
    const before = c.proposal?.votes ?? [];
    const data = {
      d: cardId(c.id, c.proposal?.digest ?? ''),
      ...(step.comment && { comment: step.comment }),
    };
    const { conversationId, activityId } = card;
    this.say(`${step.vote} clicks ${step.choice}`);
    const answer = await this.scene.simulator.click({
      person,
      conversationId,
      activityId,
      verb: step.choice,
      data,
    });
    const text = answerText(answer);
    const votes = (await this.caseOf(step.on))?.proposal?.votes ?? [];
    const isThis = (vote: Vote) => vote.voterId === person && vote.choice === step.choice;
    const recorded = votes.some(isThis) && !before.some(isThis);
    const met = step.answer === 'recorded' ? recorded : !recorded && text.includes(step.answer);
    this.answers.push({
      step: `${step.vote} clicks ${step.choice}`,
      expected: step.answer,
      actual: met ? step.answer : text,
    });
  }

  private async endReview(step: Extract<ScenarioStep, { review: string }>): Promise<void> {
    const c = await this.waitFor(step.on, (now) => now.phase === 'inReview', 'to be in review');
    const visit = new ConsoleVisit(this.scene.consoleUrl, this.scene.simulator);
    await visit.signIn(this.userId(step.by));
    this.say(`${step.by} ends the review: ${step.review}`);
    const said = Object.fromEntries(Object.entries(step.said).map(([name, word]) => [name, word === 'done']));
    const shown = await visit.endReview(c.id, { resolution: step.review, note: step.note, said });
    const events = (await this.eventsOf(step.on)).slice(c.seq);
    const ended = events.some((event) => event.type === 'review.resolved');
    const met = step.answer === 'ended' ? ended : !ended && shown.includes(step.answer);
    this.answers.push({
      step: `${step.by} ends the review (${step.review})`,
      expected: step.answer,
      actual: met ? step.answer : shown.slice(0, 2_000),
    });
  }

  /** The copy in the person's own chat where there is one, else the one in the channel. */
  private async cardFor(c: Case, person: string): Promise<PostedMessage> {
    const id = cardId(c.id, c.proposal?.digest ?? '');
    const messages = (await this.scene.simulator.messages(c.opened.ticketNumber)).filter((message) =>
      JSON.stringify(message).includes(id),
    );
    const personal = messages.find((message) => message.channelId === null && isChatWith(message, person));
    const found = personal ?? messages.find((message) => message.channelId !== null) ?? messages[0];
    if (!found) throw new Error(`no card was posted for ${c.opened.ticketNumber}`);
    return found;
  }

  private async waitFor(ticket: string, done: (c: Case) => boolean, what: string): Promise<Case> {
    const deadline = Date.now() + (this.options.byHand ? byHandTimeoutMs : settleTimeoutMs);
    for (;;) {
      const c = await this.caseOf(ticket);
      if (c && done(c)) return c;
      if (Date.now() > deadline) {
        throw new Error(`${ticket} took too long ${what}; it is ${c ? `in phase ${c.phase}` : 'not opened'}`);
      }
      await sleep(pollMs);
    }
  }
}

/** @throws Error where it does not come true before a case should long be at rest */
async function until(otherwise: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + settleTimeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`${otherwise} in time`);
    await sleep(pollMs / 4);
  }
}

/** The simulator's chat with a person is named after a hash of the person's id. */
export function isChatWith(message: PostedMessage, person: string): boolean {
  return message.conversationId === `a:${stableSysId('conversation', person)}`;
}
