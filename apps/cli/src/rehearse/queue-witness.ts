import { Client } from 'pg';
import Redis from 'ioredis';
import type { StackInfo } from '../stack/stack';

/** Looks on while a queue store is used, to say afterwards what ever stood in it. */
export interface QueueWitness {
  /** Everything that was seen, as one text. */
  stop(): Promise<string>;
}

/** On Redis every command is overheard; on Postgres the tables are read again and again. */
export function watchQueue(info: StackInfo): Promise<QueueWitness> {
  return info.queueUrl ? overhearRedis(info.queueUrl) : readTables(info.ownerUrl);
}

async function overhearRedis(url: string): Promise<QueueWitness> {
  const redis = new Redis(url);
  const monitor = await redis.monitor();
  const seen = new Set<string>();
  monitor.on('monitor', (_time: string, args: string[]) => {
    for (const arg of args) seen.add(arg);
  });
  return {
    stop: async () => {
      for (const key of await redis.keys('*')) seen.add(key);
      monitor.disconnect();
      redis.disconnect();
      return [...seen].join('\n');
    },
  };
}

/** Often enough that a job which lives for a few milliseconds is seen in some of its many repetitions. */
const readEveryMs = 100;

async function readTables(ownerUrl: string): Promise<QueueWitness> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'bullmq'`,
  );
  // One statement for all: a round trip for each table, ten times a second, would cost more than the line that is watched.
  const everything = rows.map(({ name }) => `SELECT t::text AS text FROM ${name} t`).join(' UNION ALL ');
  const seen = new Set<string>();
  let reading = Promise.resolve();
  const read = async () => {
    const { rows: found } = await client.query<{ text: string }>(everything);
    for (const { text } of found) seen.add(text);
  };
  const timer = setInterval(() => {
    reading = reading.then(read);
  }, readEveryMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await reading;
      await read();
      await client.end();
      return [...seen].join('\n');
    },
  };
}
