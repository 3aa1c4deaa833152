import { CaseLog, caseLogOptions } from '@sallyport/case-log';
import { createClock } from '@sallyport/service';
import { Client } from 'pg';
import Redis from 'ioredis';
import { DataSource } from 'typeorm';
import type { Stack } from '../stack/stack';
import { moveClock, type StackInfo } from '../stack/stack';
import { SimulatorClient } from '../stack/simulator-client';
import type { Scene } from './rehearsal';

/** A scene and how to leave it. */
export interface OpenScene {
  scene: Scene;
  close(): Promise<void>;
}

/** A stack that was started elsewhere: it can be spoken to, not broken. */
export async function sceneOf(info: StackInfo, ca: string): Promise<OpenScene> {
  const db = await new DataSource(caseLogOptions(info.databaseUrl, 'sallyport-rehearsal')).initialize();
  return {
    scene: {
      ingestUrl: info.ingestUrl,
      consoleUrl: info.consoleUrl,
      simulator: new SimulatorClient(info.simulatorUrl, ca),
      log: new CaseLog(db),
      now: createClock(info.clockFile, undefined),
      later: (ms) => moveClock(info.clockFile, ms),
    },
    close: () => db.destroy(),
  };
}

/** A stack of our own: its services can be killed and its queue emptied. */
export async function sceneOn(stack: Stack, ca: string): Promise<OpenScene> {
  const { scene, close } = await sceneOf(stack.info, ca);
  return {
    scene: {
      ...scene,
      kill: (service) => stack.killAndRestart(service),
      loseQueue: () => emptyQueue(stack.info),
    },
    close,
  };
}

/** Loses every job, as a Redis without persistence does on a restart. */
async function emptyQueue(info: StackInfo): Promise<void> {
  if (info.queueUrl) {
    const redis = new Redis(info.queueUrl);
    await redis.flushall();
    redis.disconnect();
    return;
  }
  const client = new Client({ connectionString: info.ownerUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
        WHERE schemaname = 'bullmq' AND tablename <> 'migration'`,
    );
    // Table by table: one TRUNCATE of all would deadlock with the workers that are using them.
    for (const { name } of rows) await client.query(`DELETE FROM ${name}`);
  } finally {
    await client.end();
  }
}
