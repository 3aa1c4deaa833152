import { z } from 'zod';

/** The stages that wake on a queue, in the order of the straight line. `ingest` has no queue: HTTP wakes it. */
export const stages = ['context', 'policy', 'triage', 'approval', 'executor', 'audit'] as const;
export type Stage = (typeof stages)[number];
export const stageSchema = z.enum(stages);

/** A case id: `case-` and the first 32 hex digits of a SHA-256. It says nothing about the person or the ticket. */
export const caseIdSchema = z.string().regex(/^case-[0-9a-f]{32}$/);

/**
 * All that a queue ever holds. The truth is in the case log; the queue only wakes.
 * `seq` is the case head's sequence number that asked for this wake-up.
 */
export const jobSchema = z.strictObject({
  caseId: caseIdSchema,
  stage: stageSchema,
  seq: z.int().min(1),
});
export type Job = z.infer<typeof jobSchema>;
