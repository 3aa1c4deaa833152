import { Controller, Get, HttpException, Post, UnauthorizedException } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { json } from 'express';
import pino from 'pino';
import { Counter, Registry } from 'prom-client';
import { NotReady, OperationsController, OperationsModule, Readiness } from './operations.module';
import { Problem } from './problem';
import { listen } from './serve';

@Controller('sample')
class SampleController {
  @Get('problem')
  problem(): never {
    throw new Problem(409, 'messageIdReused', 'Message id reused', 'Send another id.', { errors: [1] });
  }

  @Get('bug')
  bug(): never {
    throw new TypeError('password of jane@example.com');
  }

  @Get('text')
  text(): never {
    // Not an Error: a library's `throw "text"`.
    throw 'jane@example.com';
  }

  @Get('upstream')
  upstream(): never {
    throw new HttpException('jane@example.com', 502);
  }

  @Get('unauthorized')
  unauthorized(): never {
    throw new UnauthorizedException('Sign in first.');
  }

  @Post('echo')
  echo(): string {
    return 'taken';
  }
}

let app: NestExpressApplication;
let url: string;
const registry = new Registry();
const logged: string[] = [];

beforeAll(async () => {
  const root = {
    module: class SampleApp {},
    imports: [OperationsModule.with(registry)],
    controllers: [SampleController],
  };
  app = await NestFactory.create<NestExpressApplication>(root, { logger: false, bodyParser: false });
  app.use('/sample', json({ limit: '1kb' }));
  const logger = pino({ level: 'error' }, { write: (line: string) => void logged.push(line) });
  url = `http://127.0.0.1:${await listen(app, logger, { HOST: '127.0.0.1', PORT: 0 })}`;
});
afterEach(() => {
  app.get(Readiness).checks.clear();
  logged.length = 0;
});
afterAll(() => app.close());

async function answer(path: string, init: RequestInit = {}) {
  const response = await fetch(`${url}${path}`, init);
  const text = await response.text();
  return { status: response.status, type: response.headers.get('content-type') ?? '', text };
}
async function problem(path: string, init: RequestInit = {}): Promise<Record<string, unknown>> {
  const { type, text } = await answer(path, init);
  expect(type).toMatch(/^application\/problem\+json(;|$)/);
  return JSON.parse(text) as Record<string, unknown>;
}
const post = (body: string | Buffer, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body: new Uint8Array(Buffer.from(body)),
  headers: { 'content-type': 'application/json', ...headers },
});

describe('every error leaves as problem details (RFC 9457)', () => {
  it('with what the problem says', async () => {
    expect(await problem('/sample/problem')).toEqual({
      type: 'urn:sallyport:problem:messageIdReused',
      title: 'Message id reused',
      status: 409,
      detail: 'Send another id.',
      code: 'messageIdReused',
      errors: [1],
    });
    expect(await answer('/sample/problem')).toMatchObject({ status: 409 });
  });

  it.each(['bug', 'text', 'upstream'])('that say nothing about our insides: %s', async (path) => {
    const body = await problem(`/sample/${path}`);
    expect(body).toMatchObject({ status: 500, code: 'internal', title: 'Internal error' });
    expect(JSON.stringify(body)).not.toMatch(/jane|TypeError|\.ts/);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('request failed');
  });

  it.each<[title: string, path: string, init: RequestInit, expected: object]>([
    ['an unknown address', '/nowhere?q=jane', {}, { status: 404, code: 'notFound' }],
    ['a wrong method', '/sample/echo', {}, { status: 404, code: 'notFound' }],
    ['a bad escape', '/sample/%E0%A4%A', {}, { status: 404, code: 'notFound' }],
    [
      'a refused caller',
      '/sample/unauthorized',
      {},
      { status: 401, code: 'unauthorized', title: 'Unauthorized', detail: 'Sign in first.' },
    ],
    ['no JSON', '/sample/echo', post('{"name": jane}'), { status: 400, code: 'badBody' }],
    [
      'a body too large',
      '/sample/echo',
      post(`"${'x'.repeat(2_000)}"`),
      { status: 413, code: 'bodyTooLarge' },
    ],
    [
      'an unknown encoding',
      '/sample/echo',
      post('{}', { 'content-encoding': 'jane' }),
      { status: 415, code: 'badBody' },
    ],
    [
      'an unknown charset',
      '/sample/echo',
      post('{}', { 'content-type': 'application/json; charset=jane' }),
      { status: 415, code: 'badBody' },
    ],
    [
      'a broken archive',
      '/sample/echo',
      post('no gzip', { 'content-encoding': 'gzip' }),
      { status: 400, code: 'badBody' },
    ],
  ])('for %s, without echoing it', async (_title, path, init, expected) => {
    const body = await problem(path, init);
    expect(body).toMatchObject({ ...expected, type: `urn:sallyport:problem:${body['code']}` });
    expect(Object.keys(body)).toEqual(['type', 'title', 'status', 'detail', 'code']);
    expect((await answer(path, init)).status).toBe(body['status']);
    expect(JSON.stringify(body)).not.toContain('jane');
    expect(body['status']).toBeLessThan(500);
    expect(logged).toEqual([]);
  });

  it('with headers that forbid sniffing', async () => {
    const response = await fetch(`${url}/sample/problem`);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('x-powered-by')).toBeNull();
  });
});

describe('health', () => {
  it('is well while nothing is ready', async () => {
    app.get(Readiness).needs('case log', () => Promise.reject(new Error('down')));
    expect(await answer('/healthz')).toMatchObject({ status: 200, text: '{"status":"ok"}' });
  });
});

describe('readiness', () => {
  it('names what it has looked at', async () => {
    app.get(Readiness).needs('case log', () => Promise.resolve());
    app.get(Readiness).needs('queue', () => Promise.resolve());
    expect(await answer('/readyz')).toMatchObject({
      status: 200,
      text: '{"status":"ready","checks":["case log","queue"]}',
    });
  });

  it('is 503 and names what is missing, and no more', async () => {
    const readiness = app.get(Readiness);
    readiness.needs('case log', () => Promise.reject(new Error('postgres://app:secret@db/sallyport')));
    readiness.needs('queue', () => Promise.resolve());
    readiness.needs('policy pack', () => {
      throw new Error('secret');
    });
    expect(await problem('/readyz')).toEqual({
      type: 'urn:sallyport:problem:notReady',
      title: 'Not ready',
      status: 503,
      detail: 'Waiting for: case log, policy pack.',
      code: 'notReady',
      failed: ['case log', 'policy pack'],
    });
    readiness.needs('case log', () => Promise.resolve());
    readiness.needs('policy pack', () => Promise.resolve());
    expect(await answer('/readyz')).toMatchObject({ status: 200 });
  });

  it('says why, where a check has words for whoever asks', async () => {
    const readiness = app.get(Readiness);
    readiness.needs('case log', () => Promise.reject(new Error('postgres://app:secret@db/sallyport')));
    readiness.needs('policy pack', () => Promise.reject(new NotReady('Rule 7 is broken. Remedy: mend it.')));
    expect(await problem('/readyz')).toMatchObject({
      detail: 'Waiting for: case log, policy pack. Rule 7 is broken. Remedy: mend it.',
      failed: ['case log', 'policy pack'],
    });
  });

  it('takes a check that has not answered after two seconds for failed', async () => {
    const readiness = new Readiness();
    const never = new Promise(() => undefined);
    readiness.needs('queue', () => never);
    readiness.needs('store', () => never);
    jest.useFakeTimers();
    try {
      let failed: unknown;
      const asked = new OperationsController(readiness, registry).readyz().catch((error: unknown) => {
        failed = error;
      });
      await jest.advanceTimersByTimeAsync(1_999);
      expect(failed).toBeUndefined();
      await jest.advanceTimersByTimeAsync(1);
      await asked;
      expect(failed).toMatchObject({ status: 503, extra: { failed: ['queue', 'store'] } });
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('metrics', () => {
  it('are those of the registry, as Prometheus reads them', async () => {
    new Counter({ name: 'sample_total', help: 'Samples', registers: [registry] }).inc(3);
    const { status, type, text } = await answer('/metrics');
    expect(status).toBe(200);
    expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text).toContain('# TYPE sample_total counter\nsample_total 3\n');
  });
});
