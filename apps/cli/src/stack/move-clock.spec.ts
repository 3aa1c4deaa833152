import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClock } from '@sallyport/service';
import { moveClock } from './stack';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'sallyport-clock-'))));
afterEach(() => rmSync(dir, { recursive: true }));

it('moves the clock on from where it is, and never shows a reader half a file', () => {
  const file = join(dir, 'clock');
  moveClock(file, 3_600_000);
  const reading = openSync(file, 'r');
  moveClock(file, 3_600_000);
  // Who had it open still reads what stood there, not nothing.
  expect(readFileSync(reading, 'utf8')).toBe('3600000');
  closeSync(reading);
  const aheadMs = createClock(file, 'test')().getTime() - Date.now();
  expect(Math.round(aheadMs / 3_600_000)).toBe(2);
});
