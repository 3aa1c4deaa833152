import { actions, evidenceSchema } from '@sallyport/evidence';
import { z } from 'zod';
import { readYaml } from './read-yaml';

/** A file holds at most this many cases: a model is asked about each of them several times. */
const maxCases = 1_000;

const labelledCaseSchema = z.strictObject({
  name: z.string().min(1).max(200),
  /** As it stands in the case log. */
  evidence: evidenceSchema,
  /** What policy permitted. */
  allowed: z.array(z.enum(actions)).min(1).max(actions.length),
  /** What people decided in the end; `contain` also where they left it at that, `none` where nothing was done. */
  outcome: z.enum([...actions, 'none']),
});
export type LabelledCase = z.infer<typeof labelledCaseSchema>;
const fileSchema = z.strictObject({ cases: z.array(labelledCaseSchema).min(1).max(maxCases) });

/** Reads cases as `sallyport triage cases` writes them. @throws UnusableFile */
export const readLabelledCases = (file: string): LabelledCase[] => readYaml(file, fileSchema).cases;
