/**
 * How long it takes to collect the evidence of many cases that arrive at once, under the documented limits of Graph,
 * beside a reader that asks for the same facts case by case and retries. One run, one machine, one simulated tenant.
 *
 * The windows of the limits, our budgets and the clock of the cases all pass `--speed` times faster than in reality,
 * and times are printed as they would be in reality; the machine's own delays therefore count `--speed` times too much.
 */
import {
  BudgetStore,
  createGraphClient,
  documentedBudgets,
  EvidenceReader,
  GraphLimiter,
  graphScope,
  systemRuntime,
  type Budgets,
  type GraphClient,
} from '@sallyport/entra';
import { SharedReads } from '@sallyport/entra/shared';
import { simulatedClients, stableGuid } from '@sallyport/scenario';
import { readSubject, type StandingConfig, type SubjectEvidence } from '@sallyport/stage';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { loadPeople, tenantId, withSimulator } from './evidence/simulated-tenant';
import { WireCount } from './evidence/wire-count';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000' },
    naive: { type: 'string', default: '10' },
    half: { type: 'string', default: '60' },
    speed: { type: 'string', default: '10' },
    inFlight: { type: 'string', default: '64' },
  },
});
const counts = { cases: Number(values.cases), naive: Number(values.naive), half: Number(values.half) };
const speed = Number(values.speed);
const inFlight = Number(values.inFlight);
/** A naive case that is still refused after so many whole rounds is counted as it is. */
const naiveRounds = 40;
/** Risk, detections, and the same kinds of detection on others: what is left if nothing is ever refused. */
const fewestCallsPerCase = 3;
/** So many times fewer, for a wave of so many cases. */
const [fewerTarget, targetCases] = [20, 1_000];

/** A case may take so many times longer while another caller uses half the budget. */
const slowerMax = 3;

/** The limiter sleeps by its budgets, which are faster already. */
const machineTime = { ...systemRuntime };
// All other waits, such as the backoff of retries, would count `--speed` times.
systemRuntime.sleep = (delayMs) => machineTime.sleep(delayMs / speed);

const began = Date.now();
const clock = () => new Date(began + (Date.now() - began) * speed);
const standing: StandingConfig = {
  BREAK_GLASS_GROUP_IDS: [stableGuid('group', 'break-glass')],
  SERVICE_ACCOUNT_GROUP_IDS: [],
  VIP_GROUP_IDS: [],
  OWN_APP_IDS: [],
};
const faster = ({ calls, windowMs, limit }: Budgets['reports']): Budgets['reports'] => ({
  ...{ calls, windowMs: windowMs / speed },
  ...(limit && { limit: { ...limit, windowMs: limit.windowMs / speed } }),
});
const budgets: Budgets = {
  identityProtection: faster(documentedBudgets.identityProtection),
  reports: faster(documentedBudgets.reports),
  directory: faster(documentedBudgets.directory),
};

function clientFor(origin: string, limiter?: GraphLimiter): GraphClient {
  const { appId, secret } = simulatedClients.contextReader;
  const login = { tenantId, clientId: appId, clientSecret: secret, authorityHost: origin };
  return createGraphClient({
    ...login,
    baseUrl: origin,
    limiter,
    batchDirectoryReads: limiter !== undefined,
  });
}

const unread = (evidence: SubjectEvidence): number =>
  Object.values(evidence).filter(({ state }) => state === 'unknown').length;
const refused = (evidence: SubjectEvidence): boolean =>
  Object.values(evidence).some((part) => part.state === 'unknown' && part.reason === 'unavailable');

/** Works on all, so many at a time. */
async function eachOf(ids: readonly string[], atOnce: number, work: (id: string) => Promise<void>) {
  const left = [...ids];
  const worker = async () => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) await work(id);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

interface Result {
  name: string;
  cases: number;
  seconds: number;
  unknown: number;
  wire: ReturnType<WireCount['take']>;
}

async function measured(
  wire: WireCount,
  name: string,
  ids: readonly string[],
  atOnce: number,
  read: (id: string) => Promise<SubjectEvidence>,
): Promise<Result> {
  wire.take();
  let unknown = 0;
  const since = performance.now();
  await eachOf(ids, atOnce, async (id) => void (unknown += unread(await read(id))));
  const seconds = ((performance.now() - since) * speed) / 1_000;
  return { name, cases: ids.length, seconds, unknown, wire: wire.take() };
}

async function ours(origin: string): Promise<(id: string) => Promise<SubjectEvidence>> {
  const limiter = new GraphLimiter({
    owner: { tenantId, clientId: simulatedClients.contextReader.appId },
    store: BudgetStore.on({ kind: 'memory' }),
    budgets,
    runtime: machineTime,
  });
  const client = clientFor(origin, limiter);
  await warm(clientFor(origin));
  await client.credential.getToken(graphScope(client));
  const arrived = clock().toISOString();
  const view = new SharedReads(client, { ...systemRuntime, now: clock }).view(arrived);
  return (id) => readSubject(client, standing, id, [id], clock, view);
}

/** Opens connections as a service that runs has them: a handshake would count `--speed` times. */
async function warm(client: GraphClient): Promise<void> {
  const reader = new EvidenceReader(client, ['warm']);
  await Promise.all(Array.from({ length: 16 }, () => reader.user(stableGuid('user', 'boss'))));
}

function naive(origin: string): (id: string) => Promise<SubjectEvidence> {
  const client = clientFor(origin);
  return async (id) => {
    let evidence = await readSubject(client, standing, id, [id], clock);
    for (let round = 1; refused(evidence) && round < naiveRounds; round++) {
      evidence = await readSubject(client, standing, id, [id, round], clock);
    }
    return evidence;
  };
}

/** Somebody else in the tenant, for example a SIEM, at one call of Identity Protection every two seconds. */
async function neighbour(origin: string, wire: WireCount, going: () => boolean): Promise<number> {
  const { appId, secret } = simulatedClients.executor;
  const login = { tenantId, clientId: appId, clientSecret: secret, authorityHost: origin };
  const client = createGraphClient({ ...login, baseUrl: origin });
  let calls = 0;
  while (going()) {
    const token = await client.credential.getToken(graphScope(client));
    const headers = { authorization: `Bearer ${token?.token}` };
    await wire.uncounted(`${origin}/v1.0/identityProtection/riskyUsers?$top=1`, { headers });
    calls += 1;
    await sleep(2_000 / speed);
  }
  return calls;
}

async function main(origin: string): Promise<boolean> {
  const ids = await loadPeople(origin, counts.cases);
  const wire = new WireCount();
  console.log(
    `${counts.cases} cases at once, ${inFlight} in work; limits and clocks ${speed} times faster.\n`,
  );
  const first = await measured(wire, 'sallyport', ids, inFlight, await ours(origin));
  report(first);
  await sleep(10_000 / speed);
  const plain = await measured(wire, 'naive', ids.slice(0, counts.naive), counts.naive, naive(origin));
  report(plain);
  await sleep(10_000 / speed);
  let busy = true;
  const other = neighbour(origin, wire, () => busy);
  const half = await measured(
    wire,
    'sallyport, half the budget used',
    ids.slice(0, counts.half),
    inFlight,
    await ours(origin),
  );
  busy = false;
  report(half);
  console.log(`  (the other caller made ${await other} calls)\n`);
  return summary(first, plain, half);
}

function report({ name, cases, seconds, unknown, wire }: Result): void {
  const per = (n: number) => (n / cases).toFixed(3);
  console.log(`${name}: ${cases} cases in ${seconds.toFixed(0)} s, ${unknown} unknown parts`);
  for (const [budget, { calls, throttled }] of Object.entries(wire)) {
    console.log(
      `  ${budget.padEnd(19)} ${String(calls).padStart(6)} calls, ${per(calls)} per case, ${throttled} times 429`,
    );
  }
}

/** @returns whether the targets were reached; a shared list pays only where many cases share it */
function summary(first: Result, plain: Result, half: Result): boolean {
  const perCase = ({ wire, cases }: Result) => wire.identityProtection.calls / cases;
  const slower = half.seconds / half.cases / (first.seconds / first.cases);
  const fewest = fewestCallsPerCase / perCase(first);
  const sent = perCase(plain) / perCase(first);
  const hours = ((plain.seconds / plain.cases) * first.cases) / 3_600;
  console.log(
    `Naive, extrapolated in a straight line from ${plain.cases} to ${first.cases} cases: ${hours.toFixed(1)} h, ` +
      `against ${(first.seconds / 3_600).toFixed(2)} h, with ${sent.toFixed(0)} times as many calls of Identity ` +
      'Protection per case. More cases at once would refuse each other more often.\n',
  );
  const targets: [string, boolean, string][] = [
    [
      `${fewerTarget} times fewer calls of Identity Protection per case than the ${fewestCallsPerCase} that a case alone needs`,
      fewest >= fewerTarget || first.cases < targetCases,
      `${fewest.toFixed(0)} times${first.cases < targetCases ? `, with fewer than ${targetCases} cases` : ''}`,
    ],
    ['no 429 as the only caller', throttledOf(first) === 0, `${throttledOf(first)}`],
    ['no unknown part as the only caller', first.unknown === 0, `${first.unknown}`],
    ['no unknown part beside another caller', half.unknown === 0, `${half.unknown}`],
    [
      `at most ${slowerMax} times slower per case beside another caller`,
      slower <= slowerMax,
      `${slower.toFixed(1)} times`,
    ],
  ];
  for (const [target, reached, measured] of targets)
    console.log(`${reached ? '✔' : '✘'} ${target}: ${measured}`);
  return targets.every(([, reached]) => reached);
}

const throttledOf = ({ wire }: Result): number =>
  Object.values(wire).reduce((sum, { throttled }) => sum + throttled, 0);

const origin = process.env['BENCH_ORIGIN'];
if (origin) void main(origin).then((reached) => process.exit(reached ? 0 : 1));
else void withSimulator(speed).then((code) => process.exit(code));
