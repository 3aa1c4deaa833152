/** A simulator with the documented limits, for measurements: its own process, on a free port, gone with ours. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

export const tenantId = 'c2b1f3a0-8a4b-4e77-b7c3-2f6a1d9e0003';
const loadedSchema = z.object({ users: z.record(z.string(), z.string()) });
const startTimeoutMs = 20_000;

/**
 * Builds and starts the simulator, then runs this same program again with its certificate trusted, which Node reads
 * at start only. @returns the exit code
 */
export async function withSimulator(speed: number): Promise<number> {
  const built = spawnSync(process.execPath, ['tools/build.mjs', 'apps/simulator'], { stdio: 'inherit' });
  if (built.status !== 0) throw new Error('the simulator could not be built');
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const ready = join(folder, 'ready.json');
  const simulator = spawn(process.execPath, ['dist/apps/simulator/main.js'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      SIMULATOR_TLS_DIR: folder,
      SIMULATOR_READY_FILE: ready,
      SIMULATOR_TENANT_ID: tenantId,
      SIMULATOR_BOT_APP_ID: tenantId,
      SIMULATOR_LIMITS: 'real',
      SIMULATOR_LIMITS_SPEED: String(speed),
    },
  });
  try {
    for (let waitedMs = 0; !existsSync(ready); waitedMs += 50) {
      if (waitedMs > startTimeoutMs || simulator.exitCode !== null)
        throw new Error('the simulator did not start');
      await sleep(50);
    }
    const { port } = JSON.parse(readFileSync(ready, 'utf8'));
    const again = spawn(process.execPath, process.argv.slice(1), {
      stdio: 'inherit',
      env: {
        ...process.env,
        NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
        BENCH_ORIGIN: `https://localhost:${port}`,
      },
    });
    return await exitOf(again);
  } finally {
    simulator.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

const exitOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));

/** Each costs every case a call of the directory, in one batch. */
const teams = Array.from({ length: 10 }, (_, n) => `team-${n}`);

/** Everybody at risk, in ten groups, with a few rows in each log: what a wave of tickets looks like. */
export async function loadPeople(origin: string, count: number): Promise<string[]> {
  const users = Array.from({ length: count }, (_, n) => ({
    key: `person-${n}`,
    manager: 'boss',
    groups: teams,
    devices: [{}],
    risk: {},
    detections: [{ at: `-${(n % 300) + 60}m` }, { at: `-${(n % 300) + 90}m` }],
    signIns: [{ at: '-2d', mfa: true }, { at: '-3h' }],
    audits: [{ activity: 'Change user password', at: '-2d' }],
  }));
  const given = {
    users: [{ key: 'boss' }, ...users],
    groups: ['break-glass', ...teams].map((key) => ({ key })),
  };
  const response = await fetch(`${origin}/_sim/tenant`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ given }),
  });
  if (!response.ok) throw new Error(`the tenant could not be loaded: ${await response.text()}`);
  const loaded = loadedSchema.parse(await response.json());
  return users.map(({ key }) => loaded.users[key] ?? '');
}
