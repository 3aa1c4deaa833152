/**
 * The whole line as it runs: every service its own process, real Postgres, real queues on both backends, the
 * simulated tenant over TLS. Needs the bundles: `npm test` builds them first.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CaseLog, caseLogOptions } from '@sallyport/case-log';
import { buildTenant, readScenario, type Scenario } from '@sallyport/scenario';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { hasTestRedis } from '../../../tools/test-backends';
import { findDamage } from './commands/audit-verify';
import { type QueueWitness, watchQueue } from './rehearse/queue-witness';
import { runScenario, type ScenarioResult } from './rehearse/run-scenario';
import { type OpenScene, sceneOn } from './rehearse/scene';
import { undocumented } from './stack/graph-as-documented';
import { Stack } from './stack/stack';

const root = join(__dirname, '../../..');
const file = (name: string) => join(root, 'scenarios', name);
const names = readdirSync(join(root, 'scenarios')).filter((name) => name.endsWith('.yaml'));
const scenarios = new Map<string, Scenario>(names.map((name) => [name, readScenario(file(name)).scenario]));

/**
 * Moving everybody's clock, killing services and emptying the queue would disturb scenarios beside them; so do a 429,
 * after which every service pauses, and a fault that names nobody and strikes whoever comes.
 */
const disturbs = (name: string) =>
  (scenarios.get(name)?.given.faults.some(({ kind, on }) => kind === 'throttle' || on.user === undefined) ||
    scenarios.get(name)?.when.some((step) => 'later' in step || 'kill' in step || 'loseQueue' in step)) ??
  false;
/** Few enough that the same detection in several of them is no campaign, which policy would not release from. */
const atOnce = 4;
/** What waits for something to be tried again, or for a person, takes longest and starts first. */
const waits = (name: string) =>
  (scenarios.get(name)?.given.faults.length ?? 0) > 0 ||
  (scenarios.get(name)?.when.some((step) => 'review' in step) ?? false);
const crowd = names.filter((name) => !disturbs(name));
const together = [...crowd.filter(waits), ...crowd.filter((name) => !waits(name))];
const alone = names.filter(disturbs);

/** One stack, and all that was played on it. */
class Line {
  readonly results = new Map<string, ScenarioResult>();
  stack!: Stack;
  private open: OpenScene | undefined;
  private witness!: QueueWitness;
  /** Everything that ever stood in the queue store. */
  queued = '';

  constructor(private readonly queue: 'postgres' | 'redis') {}

  async start(): Promise<void> {
    this.stack = await Stack.start({
      queue: this.queue,
      dist: join(root, 'dist/apps'),
      policyPack: join(root, 'policies/containment-first'),
    });
    this.open = await sceneOn(this.stack, readFileSync(this.stack.info.caFile, 'utf8'));
    this.witness = await watchQueue(this.stack.info);
    await this.stack.simulator.keepGraphExchanges();
  }

  async playTogether(): Promise<void> {
    const waiting = [...together];
    const playOn = async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) await this.play(name);
    };
    await Promise.all(Array.from({ length: atOnce }, playOn));
  }

  async playAlone(): Promise<void> {
    for (const name of alone) await this.play(name);
    this.queued = await this.witness.stop();
  }

  private async play(name: string): Promise<void> {
    this.results.set(name, await runScenario(this.open!.scene, file(name)));
  }

  async stop(): Promise<void> {
    await this.open?.close();
    await this.stack?.stop();
  }
}

const lines = { postgres: new Line('postgres'), redis: new Line('redis') };
const hasRedis = hasTestRedis();

beforeAll(async () => {
  if (!existsSync(join(root, 'dist/apps/cli/main.js'))) throw new Error('Build first: npm run build');
  const rest: Promise<void>[] = [];
  // Redis first: a worker that died is missed latest there, and the more of that waiting falls beside the other's crowd.
  for (const line of hasRedis ? [lines.redis, lines.postgres] : [lines.postgres]) {
    await line.start();
    await line.playTogether();
    rest.push(line.playAlone());
  }
  await Promise.all(rest);
}, 900_000);
afterAll(async () => {
  await Promise.all(Object.values(lines).map((line) => line.stop()));
}, 60_000);

// A backend that cannot run here is counted as skipped, not left out.
describe('the straight line with queues on postgres', () => lineOn(lines.postgres));
(hasRedis ? describe : describe.skip)('the straight line with queues on redis', () => lineOn(lines.redis));

function lineOn(line: Line): void {
  const { results } = line;

  const unmet = (result: ScenarioResult | undefined) => ({
    error: result?.error,
    differences: result?.checks.filter((check) => !check.met),
  });

  it.each(together)('ends as written, beside the others: %s', (name) => {
    expect(unmet(results.get(name))).toEqual({ error: null, differences: [] });
  });

  it.each(alone)('ends as written, alone: %s', (name) => {
    expect(unmet(results.get(name))).toEqual({ error: null, differences: [] });
  });

  it('never puts personal data into the queue store', () => {
    const { queued: seen } = line;
    expect(seen).toContain('case-');
    const tickets = [...results.values()].flatMap(({ cases }) => cases.map(({ number }) => number));
    const personal = [...[...scenarios.values()].flatMap(personalDataOf), ...tickets];
    expect(personal.length).toBeGreaterThan(100);
    expect(personal.filter((text) => seen.includes(text))).toEqual([]);
  });

  it('asks Graph, and is answered, as Microsoft documents it, where its document is', async () => {
    expect(await undocumented(line.stack.simulator, 100)).toEqual([]);
  }, 60_000);

  it('keeps every service alive to the end', () => {
    expect(line.stack.unexpectedExits()).toEqual([]);
  });

  it('finds one stored event that was tampered with', async () => {
    const db = await new DataSource(caseLogOptions(line.stack.info.databaseUrl, 'tamper-spec')).initialize();
    const owner = new Client({ connectionString: line.stack.info.ownerUrl });
    await owner.connect();
    try {
      const log = new CaseLog(db);
      expect((await findDamage(log)).faults).toEqual([]);
      const caseId = results.get('vip-on-travel.yaml')?.cases[0]?.case?.id;
      await owner.query('ALTER TABLE sallyport.case_event DISABLE TRIGGER case_event_append_only');
      await owner.query(
        `UPDATE sallyport.case_event SET event = replace(event::text, '"deny"', '"permit"')::json
          WHERE case_id = $1 AND type = 'policy.decided'`,
        [caseId],
      );
      const { faults } = await findDamage(log);
      expect(faults).toEqual([
        { caseId, seq: 3, fault: expect.stringContaining('changed after it was written') },
      ]);
    } finally {
      await owner.end();
      await db.destroy();
    }
  });
}

/** Names, addresses and texts of a scenario that must stay out of the queue. Short words would match by chance. */
function personalDataOf(scenario: Scenario): string[] {
  const tenant = buildTenant(scenario.given.tenant, new Date());
  return [
    ...tenant.users.flatMap((user) => [user.displayName, user.userPrincipalName, user.mail ?? '']),
    ...tenant.detections.map((detection) => detection.ipAddress),
    ...tenant.signIns.flatMap((signIn) => [signIn.ip, signIn.userAgent]),
    ...tenant.incidents.flatMap((incident) => [
      incident.fields.short_description,
      incident.fields.description,
    ]),
  ].filter((text) => text.length >= 6);
}
