import { readFileSync } from 'node:fs';

export interface Clock {
  now(): Date;
}

/**
 * The machine's clock plus the offset in milliseconds that the file holds, read anew each time:
 * a scenario lets days pass for all services at once by writing one number. No file means no offset.
 */
export function clockFrom(offsetFile: string | undefined): Clock {
  return { now: () => new Date(Date.now() + offsetMs(offsetFile)) };
}

function offsetMs(file: string | undefined): number {
  if (file === undefined) return 0;
  try {
    const offset = Number(readFileSync(file, 'utf8').trim());
    return Number.isSafeInteger(offset) ? offset : 0;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
}
