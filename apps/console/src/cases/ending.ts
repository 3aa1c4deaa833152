import { planSlots, resolutions, stepKinds, type StepStatement } from '@sallyport/evidence';
import { z } from 'zod';

export const noteMaxLength = 1_000;

/** A browser sends line ends as two characters and counts them as one. */
const lineEnds = /\r\n?/g;

const endingSchema = z.strictObject({
  formToken: z.string().max(64),
  /** Position of the review in the log of the case, as the page showed it. */
  review: z
    .string()
    .regex(/^\d{1,6}$/)
    .transform(Number),
  resolution: z.enum(resolutions),
  note: z
    .string()
    .transform((text) => text.replace(lineEnds, '\n').trim())
    .pipe(z.string().max(noteMaxLength)),
});

/** The name of the field that says whether a step is done. */
export const stepField = ({ slot, step }: Pick<StepStatement, 'slot' | 'step'>): string =>
  `step.${slot}.${step}`;

const statements: ReadonlyMap<string, Pick<StepStatement, 'slot' | 'step'>> = new Map(
  planSlots.flatMap((slot) => stepKinds.map((step) => [stepField({ slot, step }), { slot, step }] as const)),
);
const doneSchema = z.enum(['done', 'notDone']);

export type EndingForm = z.output<typeof endingSchema> & { steps: StepStatement[] };

/** @returns null where this is not a form as we serve it: anything else in it, doubled or missing */
export function endingFrom(body: unknown): EndingForm | null {
  if (!(body instanceof Object)) return null;
  const fields: [string, unknown][] = Object.entries(body);
  const parsed = endingSchema.safeParse(Object.fromEntries(fields.filter(([name]) => !statements.has(name))));
  const steps: StepStatement[] = [];
  for (const [name, value] of fields) {
    const said = statements.get(name);
    if (!said) continue;
    const done = doneSchema.safeParse(value);
    if (!done.success) return null;
    steps.push({ ...said, done: done.data === 'done' });
  }
  return parsed.success ? { ...parsed.data, steps } : null;
}
