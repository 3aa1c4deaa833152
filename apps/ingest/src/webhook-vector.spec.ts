import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebhookVerifier } from './webhook-verifier';

/** Signed by another implementation; kept beside the repository, not in it. */
const file = join(__dirname, '../../../../shared/api/webhook-test-vector.json');
interface Vector {
  currentSecret: string;
  previousSecret: string;
  headers: Record<string, string>;
  body: string;
  clockForTest: string;
}
const present = existsSync(file);
if (!present) console.warn(`SKIPPED: the webhook test vector is not beside the repository.`);
const vector = present ? (JSON.parse(readFileSync(file, 'utf8')) as Vector) : undefined;
const itWithVector = present ? it : it.skip;

afterEach(() => jest.useRealTimers());

function verify(change: {
  now?: string;
  body?: string;
  headers?: Record<string, string>;
  secrets?: string[];
}) {
  if (!vector) throw new Error('no vector');
  jest.useFakeTimers({ now: new Date(change.now ?? vector.clockForTest) });
  const verifier = new WebhookVerifier(change.secrets ?? [vector.currentSecret, vector.previousSecret]);
  return verifier.verify(Buffer.from(change.body ?? vector.body), { ...vector.headers, ...change.headers });
}

itWithVector('accepts the vector with the current, the previous and both secrets', () => {
  for (const secrets of [[vector!.currentSecret], [vector!.previousSecret], undefined]) {
    expect(verify(secrets ? { secrets } : {}).id).toBe('msg_01JD2K6V4S9W1H8Q0000000000');
  }
});

itWithVector.each([
  ['the clock is too late', { now: '2026-11-20T10:08:00Z' }, 'too old'],
  ['the clock is too early', { now: '2026-11-20T09:56:00Z' }, 'too new'],
  ['the id is another one', { headers: { 'webhook-id': 'msg_2' } }, 'signature'],
  ['only v1a entries are there', { headers: { 'webhook-signature': 'v1a,AA== v1a,AAA=' } }, 'signature'],
])('refuses the vector where %s', (_, change, reason) => {
  expect(() => verify(change)).toThrow(reason);
});

itWithVector('refuses the vector with one space added to its body', () => {
  expect(() => verify({ body: `${vector!.body} ` })).toThrow('signature');
});
