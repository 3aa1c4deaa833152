import { readFileSync } from 'node:fs';
import { actions, evidenceSchema } from '@sallyport/evidence';
import { parse } from 'yaml';
import { z } from 'zod';

/** A file holds at most this many cases: a model is asked about each of them several times. */
const maxCases = 1_000;

const labelledCaseSchema = z.strictObject({
  name: z.string().min(1).max(200),
  /** As it stands in the case log. */
  evidence: evidenceSchema,
  /** What policy permitted. */
  allowed: z.array(z.enum(actions)).min(1).max(actions.length),
  /** What people decided in the end; `none` where they did nothing of it. */
  outcome: z.enum([...actions, 'none']),
});
export type LabelledCase = z.infer<typeof labelledCaseSchema>;
const fileSchema = z.strictObject({ cases: z.array(labelledCaseSchema).min(1).max(maxCases) });

/** A file of cases that cannot be used, with every problem. */
export class LabelledCasesError extends Error {}

/** Reads cases as `sallyport triage cases` writes them, JSON or YAML. @throws LabelledCasesError */
export function readLabelledCases(file: string): LabelledCase[] {
  let document: unknown;
  try {
    document = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new LabelledCasesError(`${file}: ${error instanceof Error ? error.message : 'cannot be read'}`);
  }
  const read = fileSchema.safeParse(document);
  if (!read.success) throw new LabelledCasesError(`${file}:\n${z.prettifyError(read.error)}`);
  return read.data.cases;
}
