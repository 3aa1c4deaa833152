import { Problem } from '@sallyport/service';
import type { z } from 'zod';

/** @throws Problem 400 */
export function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new Problem(400, 'notJson', 'Not JSON', 'The body must be one JSON object in UTF-8.');
  }
}

/** Names every field that is wrong, and repeats none of the values. @throws Problem 422 with `code` */
export function parsed<S extends z.ZodType>(
  schema: S,
  value: unknown,
  code: string,
  title: string,
): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.map((issue) => ({
    pointer: `/${issue.path.join('/')}`,
    detail: issue.message,
  }));
  throw new Problem(422, code, title, 'The message lacks what a case needs.', { errors });
}
