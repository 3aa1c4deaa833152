import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { configExitCode } from './config';

const right = { CLIENT_SECRET: 'long enough', TENANT_ID: '6f1c2a3e-0000-4000-8000-00000000000a' };

describe('a service in its own process', () => {
  let code: string;
  let dir: string;
  let readyFile: string;
  let child: ChildProcessByStdio<Writable, Readable, Readable> | undefined;

  beforeAll(async () => {
    const entry = join(__dirname, 'small-service.fixture.ts');
    const built = await build({
      entryPoints: [entry],
      bundle: true,
      write: false,
      platform: 'node',
      packages: 'external',
      logLevel: 'error',
    });
    code = built.outputFiles[0]?.text ?? '';
  });
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'sallyport-service-'));
    readyFile = join(dir, 'ready.json');
  });
  afterEach(() => {
    child?.kill('SIGKILL');
    child = undefined;
    rmSync(dir, { recursive: true });
  });

  /** Starts it with these variables alone. Its code comes over standard input, so that packages resolve from here. */
  function start(environment: NodeJS.ProcessEnv) {
    const started = spawn(process.execPath, ['-'], {
      cwd: __dirname,
      env: { PATH: process.env['PATH'], READY_FILE: readyFile, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child = started;
    started.stdin.end(code);
    const ended = Promise.all([once(started, 'exit'), text(started.stdout), text(started.stderr)]).then(
      ([[exitCode, signal], stdout, stderr]) => ({ exitCode, signal, stdout, stderr }),
    );
    return { process: started, ended };
  }

  async function startReady(environment: NodeJS.ProcessEnv) {
    const started = start(environment);
    let failed: unknown;
    void started.ended.then((end) => (failed = end));
    for (;;) {
      if (failed) throw new Error(`It ended: ${JSON.stringify(failed)}`);
      try {
        const { port, pid } = JSON.parse(readFileSync(readyFile, 'utf8')) as { port: number; pid: number };
        return { ...started, port, pid };
      } catch {
        await sleep(20);
      }
    }
  }

  it('ends with 78 and every mistake in its environment on stderr, and no value', async () => {
    const { ended } = start({ CLIENT_SECRET: 'hunter2', PORT: 'hunter2', NODE_ENV: 'hunter2' });
    const { exitCode, stderr } = await ended;
    expect(exitCode).toBe(configExitCode);
    expect(configExitCode).toBe(78);
    expect(stderr).toMatch(/^small cannot start\. Please correct its environment:\n/);
    for (const name of ['CLIENT_SECRET', 'PORT', 'NODE_ENV', 'TENANT_ID'])
      expect(stderr).toContain(`- ${name}: `);
    expect(stderr).not.toMatch(/hunter2|\n +at /);
  });

  it('ends with 78 where its clock could be moved in production', async () => {
    const { ended } = start({ ...right, NODE_ENV: 'production', SALLYPORT_CLOCK_FILE: readyFile });
    const { exitCode, stderr } = await ended;
    expect(exitCode).toBe(78);
    expect(stderr).toContain('- SALLYPORT_CLOCK_FILE: ');
  });

  it('ends with 1 and the reason where it cannot start for another cause', async () => {
    const { exitCode, stderr } = await start({ ...right, FAULT: 'start' }).ended;
    expect(exitCode).toBe(1);
    expect(stderr).toContain('no migrations');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('tells its port, serves, and ends with 0 on %s', async (signal) => {
    const { process: running, ended, port, pid } = await startReady(right);
    expect(pid).toBe(running.pid);
    expect((await fetch(`http://127.0.0.1:${port}/nothing`)).status).toBe(404);
    running.kill(signal);
    const { exitCode, stdout, stderr } = await ended;
    expect([exitCode, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['listening', 'stopping']);
    await expect(fetch(`http://127.0.0.1:${port}/nothing`)).rejects.toThrow();
  });

  it('takes an impatient second signal for the first', async () => {
    const { process: running, ended } = await startReady({ ...right, FAULT: 'slowStop' });
    running.kill('SIGTERM');
    await sleep(100);
    running.kill('SIGTERM');
    running.kill('SIGINT');
    const { exitCode, stdout } = await ended;
    expect(exitCode).toBe(0);
    expect(stdout.match(/"stopping"/g)).toHaveLength(1);
  });

  it('obeys a signal that comes before it has started', async () => {
    const { process: running, ended } = await startReady({ ...right, FAULT: 'slowStart' });
    running.kill('SIGTERM');
    const { exitCode, stdout } = await ended;
    expect(exitCode).toBe(0);
    expect(stdout).toContain('"stopping"');
  });

  it('says why a part would not let go, and ends all the same', async () => {
    const { process: running, ended } = await startReady({ ...right, FAULT: 'stop' });
    running.kill('SIGTERM');
    const { exitCode, stdout } = await ended;
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/"level":"error".*the store would not let go/);
  });
});
