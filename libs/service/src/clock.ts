import { readFileSync } from 'node:fs';
import { ConfigError } from './config';

/** The only way a service learns the time. */
export type Clock = () => Date;

export const clockToken = Symbol('clock');

/**
 * The system's clock; or, for rehearsals and tests of "eight hours later", that clock moved by the number of
 * milliseconds in `offsetFile`, read anew each time so that every process moves at the same moment.
 *
 * @throws ConfigError in production: a file must never decide when an approval expires.
 */
export function createClock(offsetFile: string | undefined, nodeEnv: string | undefined): Clock {
  if (!offsetFile) return () => new Date();
  if (nodeEnv === 'production') {
    const problem = 'is for rehearsals only; unset it where NODE_ENV is production';
    throw new ConfigError('The service', [`SALLYPORT_CLOCK_FILE: ${problem}`]);
  }
  return () => new Date(Date.now() + readOffset(offsetFile));
}

function readOffset(file: string): number {
  try {
    const offsetMs = Number(readFileSync(file, 'utf8'));
    return Number.isFinite(offsetMs) ? offsetMs : 0;
  } catch {
    return 0; // No file yet: the clock has not been moved.
  }
}
