import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A cold service boots in a second; ten at once on two busy cores may take minutes. One that cannot start ends at once. */
const startTimeoutMs = 180_000;
const stopTimeoutMs = 25_000;

export interface ServiceSpec {
  name: string;
  /** Bundle to run. */
  file: string;
  env: Readonly<Record<string, string>>;
}

/** One service as its own process, with its log in a file. */
export class ServiceProcess {
  private child: ChildProcess | undefined;
  private stopping = false;

  /** @param dir where log and ready file go */
  constructor(
    readonly spec: ServiceSpec,
    private readonly dir: string,
    private readonly onUnexpectedExit: (message: string) => void,
  ) {}

  get logFile(): string {
    return join(this.dir, `${this.spec.name}.log`);
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts and waits until the service says that it is ready. @returns its port */
  async start(): Promise<number> {
    const readyFile = join(this.dir, `${this.spec.name}.ready`);
    rmSync(readyFile, { force: true });
    const log = openSync(this.logFile, 'a');
    this.stopping = false;
    const child = spawn(process.execPath, ['--enable-source-maps', this.spec.file], {
      env: {
        PATH: process.env['PATH'] ?? '',
        ...this.spec.env,
        READY_FILE: readyFile,
        SIMULATOR_READY_FILE: readyFile,
      },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.child = child;
    child.once('exit', (code, signal) => {
      if (!this.stopping)
        this.onUnexpectedExit(`${this.spec.name} ended with ${signal ?? code}\n${this.logTail()}`);
    });
    const deadline = Date.now() + startTimeoutMs;
    while (!existsSync(readyFile)) {
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
        throw new Error(`${this.spec.name} did not start.\n${this.logTail()}`);
      }
      await sleep(50);
    }
    // The file is written at once but not atomically; an empty read is a moment too early.
    for (let text = ''; ; await sleep(10)) {
      text = readFileSync(readyFile, 'utf8');
      if (text.endsWith('}')) return (JSON.parse(text) as { port: number }).port;
    }
  }

  /** Ends the service without a chance to clean up, as a lost machine would. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Asks it to finish its work in hand and go; kills it where it does not. */
  async stop(): Promise<void> {
    const killer = setTimeout(() => this.child?.kill('SIGKILL'), stopTimeoutMs);
    await this.end('SIGTERM');
    clearTimeout(killer);
  }

  logTail(): string {
    try {
      return readFileSync(this.logFile, 'utf8').split('\n').slice(-15).join('\n');
    } catch {
      return '(no log)';
    }
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    this.stopping = true;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
}
