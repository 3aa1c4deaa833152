import type { Case } from '@sallyport/case';
import type { CaseEvent } from '@sallyport/evidence';
import { readScenario, type Scenario } from '@sallyport/scenario';
import { type Check, compareCase, compareUser, outcomeOf, sameCheck } from './compare';
import type { PostedMessage } from '../stack/simulator-client';
import { isChatWith, Rehearsal, type RehearsalOptions, type Scene } from './rehearsal';

export interface ScenarioResult {
  file: string;
  scenario: Scenario;
  checks: Check[];
  cases: { ticket: string; number: string; case: Case | null; events: CaseEvent[] }[];
  /** Set where the scenario could not be played to its end. */
  error: string | null;
  elapsedMs: number;
}

export const passed = (result: ScenarioResult): boolean =>
  result.error === null && result.checks.every((check) => check.met);

/** Plays one scenario file on a running stack and compares. Never throws for a scenario that goes wrong. */
export async function runScenario(
  scene: Scene,
  file: string,
  options: RehearsalOptions = {},
): Promise<ScenarioResult> {
  const started = Date.now();
  const { scenario, given } = readScenario(file);
  const rehearsal = new Rehearsal(scene, scenario, (given as { given: unknown }).given, options);
  const result: ScenarioResult = { file, scenario, checks: [], cases: [], error: null, elapsedMs: 0 };
  try {
    await rehearsal.play();
  } catch (thrown) {
    result.error = messageOf(thrown);
  }
  try {
    await compare(scene, rehearsal, result);
    await rehearsal.leave();
  } catch (thrown) {
    result.error ??= messageOf(thrown);
  }
  return { ...result, elapsedMs: Date.now() - started };
}

const messageOf = (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown));

/** Looks at everything the scenario speaks of, and writes it into `result`. */
async function compare(scene: Scene, rehearsal: Rehearsal, result: ScenarioResult): Promise<void> {
  const { scenario, cases, checks } = result;
  checks.push(
    ...rehearsal.answers.map(({ step, expected, actual }) => sameCheck('answers', step, expected, actual)),
  );
  for (const ticket of rehearsal.tickets) {
    const [c, events] = [await rehearsal.caseOf(ticket), await rehearsal.eventsOf(ticket)];
    const number = rehearsal.ticketNumber(ticket);
    cases.push({ ticket, number, case: c, events });
    const expected = scenario.then.cases[ticket];
    if (!expected) continue;
    const incident = await scene.simulator.incident(rehearsal.ticketSysId(ticket));
    const posted = await postedAbout(scene, number, rehearsal.caseId(ticket));
    const called = posted.notices
      .filter(({ channelId }) => channelId === null)
      .map((message) => {
        const isTo = (person: string) => isChatWith(message, rehearsal.userId(person));
        return expected.called?.find(isTo) ?? 'somebody else';
      });
    const keyOf = (is: (ticket: string) => boolean) => rehearsal.tickets.find(is) ?? null;
    checks.push(
      ...compareCase(ticket, expected, {
        case: c,
        events,
        ticket: incident,
        cards: posted.cards,
        notices: posted.notices.length,
        called,
        group: keyOf((other) => rehearsal.caseId(other) === c?.group?.leadCaseId),
        parent: keyOf((other) => rehearsal.ticketSysId(other) === incident.incident['parent_incident']),
      }),
    );
  }
  const { outcomes } = scenario.then;
  if (outcomes) {
    const actual = cases.map((ended) => outcomeOf(ended.case)).sort();
    checks.push(sameCheck('all cases', 'outcomes', [...outcomes].sort().join(', '), actual.join(', ')));
  }
  for (const [key, expected] of Object.entries(scenario.then.users)) {
    const id = rehearsal.userId(key);
    const user = (await scene.simulator.user(id)) as {
      accountEnabled: boolean;
      forceChangePasswordNextSignIn: boolean;
      risk: { state: string } | null;
    };
    checks.push(
      ...compareUser(key, expected, {
        writes: await scene.simulator.writes(id),
        riskState: user.risk?.state ?? null,
        accountEnabled: user.accountEnabled,
        mustChangePassword: user.forceChangePasswordNextSignIn,
      }),
    );
  }
}

/** Approval cards are told from notices by the card id that their buttons carry or carried. */
async function postedAbout(scene: Scene, ticketNumber: string, caseId: string) {
  const messages = await scene.simulator.messages(ticketNumber);
  const isCard = (message: PostedMessage) => JSON.stringify(message).includes(`${caseId}.`);
  const notices = messages.filter((message) => !isCard(message));
  return { cards: messages.length - notices.length, notices };
}
