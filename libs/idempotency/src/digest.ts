import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json';

/** SHA-256 of the canonical JSON of `value`, as 64 lower-case hex digits. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value), 'utf8').digest('hex');
}
