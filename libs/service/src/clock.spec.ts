import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClock } from './clock';
import { ConfigError } from './config';

const now = new Date('2026-03-02T08:00:00.000Z');
const hourMs = 60 * 60_000;

describe('the clock', () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    jest.useFakeTimers({ now });
    dir = mkdtempSync(join(tmpdir(), 'sallyport-clock-'));
    file = join(dir, 'clock');
  });
  afterEach(() => {
    jest.useRealTimers();
    rmSync(dir, { recursive: true });
  });

  it.each(['production', 'development', undefined])('is that of the system (NODE_ENV %s)', (nodeEnv) => {
    const clock = createClock(undefined, nodeEnv);
    expect(clock()).toEqual(now);
    jest.advanceTimersByTime(hourMs);
    expect(clock()).toEqual(new Date(now.getTime() + hourMs));
  });

  it('is moved by the milliseconds in the file, from the moment they are written', () => {
    const clock = createClock(file, 'test');
    expect(clock()).toEqual(now);
    writeFileSync(file, String(8 * hourMs));
    expect(clock()).toEqual(new Date('2026-03-02T16:00:00.000Z'));
    writeFileSync(file, String(-hourMs));
    expect(clock()).toEqual(new Date('2026-03-02T07:00:00.000Z'));
    rmSync(file);
    expect(clock()).toEqual(now);
  });

  it.each(['', 'soon', 'Infinity', 'NaN'])('is not moved by %j', (text) => {
    writeFileSync(file, text);
    expect(createClock(file, 'test')()).toEqual(now);
  });

  it('cannot be moved in production: a file must never decide when an approval expires', () => {
    writeFileSync(file, String(hourMs));
    expect(() => createClock(file, 'production')).toThrow(ConfigError);
    expect(() => createClock(file, 'production')).toThrow(/SALLYPORT_CLOCK_FILE: .*NODE_ENV is production/);
  });
});
