/** For specs: what a stage stands on, all of it real, on a database of its own. */
import { randomBytes } from 'node:crypto';
import type { Case } from '@sallyport/case';
import { eventFor, opened, type Step } from '@sallyport/case/testing';
import { CaseLog, caseLogOptions, EffectLedger, migrateCaseLog } from '@sallyport/case-log';
import { sampleInstant } from '@sallyport/evidence/testing';
import { runQueueMigrations, StageQueues } from '@sallyport/queue';
import { createLogger } from '@sallyport/service';
import { StageRunner } from '../stage-runner';
import { DataSource } from 'typeorm';
import { testPostgres } from '../../../../tools/test-backends';

export type StageRig = Awaited<ReturnType<typeof stageRig>>;

/** The time begins half an hour after the sample world, and passes only when a spec says so. */
const startsAt = sampleInstant(30);

export async function stageRig() {
  const postgres = await testPostgres();
  const appUrl = new URL(postgres.ownerUrl);
  appUrl.username = `sallyport_spec_${randomBytes(6).toString('hex')}`;
  appUrl.password = 'spec';
  await migrateCaseLog(postgres.ownerUrl, appUrl.href);
  await runQueueMigrations(postgres.ownerUrl, appUrl.username);
  const db = await new DataSource(caseLogOptions(appUrl.href, 'spec')).initialize();
  const logger = createLogger('spec', 'silent');
  const queues = new StageQueues({ backend: { kind: 'postgres', url: appUrl.href }, logger });
  await queues.ready();

  const log = new CaseLog(db);
  const time = { now: new Date(startsAt) };
  const clock = () => new Date(time.now);
  let cases = 0;

  /** A new case, with one event per step. Cases before it let go of their subject. */
  async function newCase(...steps: readonly Step[]): Promise<Case> {
    cases += 1;
    await db.query('UPDATE sallyport.case_head SET active_subject = NULL');
    const first = opened(`episode-${cases}`);
    await log.open(first, { bodyDigest: '', receivedAt: first.at });
    return extend(first.caseId, ...steps);
  }

  async function extend(caseId: string, ...steps: readonly Step[]): Promise<Case> {
    for (const step of steps) {
      const before = await load(caseId);
      const event = typeof step === 'string' ? eventFor(before.case, step) : step(before.case);
      await log.append(before, event);
    }
    return (await load(caseId)).case;
  }

  async function load(caseId: string) {
    const loaded = await log.load(caseId);
    if (!loaded) throw new Error(`no case ${caseId}`);
    return loaded;
  }

  return {
    db,
    log,
    effects: new EffectLedger(db),
    queues,
    logger,
    clock,
    stage: new StageRunner(log, queues, clock, logger),
    newCase,
    extend,
    caseNow: async (c: Pick<Case, 'id'>) => (await load(c.id)).case,
    eventsOf: async (c: Pick<Case, 'id'>) => (await log.read(c.id)).links.map(({ event }) => event),
    restartClock: () => void (time.now = new Date(startsAt)),
    pass: (ms: number) => void (time.now = new Date(time.now.getTime() + ms)),
    close: async () => {
      await queues.close();
      await db.destroy();
      const owner = await new DataSource({ type: 'postgres', url: postgres.ownerUrl }).initialize();
      // On a shared server the role would stay for ever.
      await owner.query(`DROP OWNED BY ${appUrl.username}; DROP ROLE ${appUrl.username}`);
      await owner.destroy();
      await postgres.close();
    },
  };
}
