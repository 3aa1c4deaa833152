import {
  approverRoles,
  caseEventTypes,
  caseOutcomes,
  resolutions,
  reviewReasons,
  stages,
  stepKinds,
} from '@sallyport/evidence';
import { z } from 'zod';
import { faultSchema } from './faults';
import { tenantSchema } from './tenant';

const key = z.string().min(1).max(60).describe('A key of this scenario or of the base tenant');
const duration = z
  .string()
  .regex(/^\d{1,4}(s|m|h|d)$/, 'must be a duration such as 30s, 20m, 8h or 2d')
  .describe('A duration: 30s, 20m, 8h, 2d');

/** One thing that happens, in order. */
const stepSchema = z.union([
  z
    .strictObject({
      ticket: key.describe('The incident whose webhook arrives'),
      times: z
        .int()
        .min(1)
        .max(100)
        .default(1)
        .describe('How many identical messages arrive at the same instant'),
    })
    .describe('ServiceNow tells us about an incident, with a signed webhook'),
  z
    .strictObject({ tickets: z.array(key).min(2).max(20) })
    .describe('Several webhooks arrive at the same instant'),
  z
    .strictObject({
      alert: z
        .strictObject({
          subject: key.describe('The risky person'),
          detection: z.string().min(1).max(200).describe('Id of the detection'),
          severity: z.enum(['low', 'medium', 'high']).default('high'),
        })
        .describe('What the pipeline reports'),
      as: key.describe(
        'How the file names the incident that is made of it. The same name again: the same alert again',
      ),
      times: z.int().min(1).max(100).default(1).describe('How many arrive at the same instant'),
      mode: z
        .enum(['structured', 'binary'])
        .default('structured')
        .describe('How CloudEvents puts the event into the request'),
    })
    .describe('A detection pipeline reports a risk, with a signed CloudEvent; the incident is ours to make'),
  z
    .strictObject({
      vote: key.describe('Who clicks'),
      on: key.describe('The incident whose card is clicked'),
      choice: z.enum(['approve', 'deny']),
      comment: z.string().max(500).optional(),
      answer: z
        .string()
        .default('recorded')
        .describe('`recorded`, or words that the refusal the person sees must contain'),
    })
    .describe('A person clicks a button on the card, as soon as it is posted'),
  z
    .strictObject({
      review: z.enum(resolutions).describe('How the review is ended'),
      by: key.describe('Who does it; needs a role in the console'),
      on: key.describe('The incident whose case is in review'),
      note: z.string().min(1).max(500).default('Looked at it.'),
      said: z
        .partialRecord(z.enum(stepKinds), z.enum(['done', 'notDone']))
        .default({})
        .describe('What the person says of steps that are not proven'),
      answer: z
        .string()
        .default('ended')
        .describe('`ended`, or words that the refusal the person sees must contain'),
    })
    .describe('A person ends the manual review on the console, as soon as the case is in it'),
  z.strictObject({ later: duration }).describe('Time passes for every service'),
  z
    .strictObject({
      kill: z.enum(['ingest', ...stages]).describe('The service that dies'),
    })
    .describe('SIGKILL, then a new process of the same service'),
  z
    .strictObject({ loseQueue: z.literal(true) })
    .describe('The queue store is emptied (FLUSHALL or TRUNCATE)'),
  z
    .strictObject({
      until: z.enum(caseEventTypes as [string, ...string[]]),
      on: key,
      times: z.int().min(1).max(20).default(1).describe('How often it must be there'),
    })
    .describe('Waits until this event is in the log of the case'),
  z
    .strictObject({ untilAsked: z.enum(stepKinds), about: key })
    .describe('Waits until Graph has got this write about this user, whatever it answers'),
  z
    .strictObject({ patch: z.record(z.string(), z.unknown()) })
    .describe('The tenant changes in mid-scenario; the body of the simulator’s /_sim/patch'),
]);
export type ScenarioStep = z.output<typeof stepSchema>;

const writeKinds = [
  'revokeSessions',
  'forcePasswordChange',
  'dismissRisk',
  'enableAccount',
  'ticketCreate',
] as const;

const outcome = z.enum([...caseOutcomes, 'manualReview']);

const expectedCaseSchema = z.strictObject({
  outcome: outcome.describe('How the case ends, or that it waits for a person'),
  review: z.enum(reviewReasons).optional().describe('Why a person must look'),
  rules: z.array(z.string()).optional().describe('Ids of rules that must have fired'),
  quorum: z
    .partialRecord(z.enum(approverRoles), z.int())
    .optional()
    .describe('Who was asked, and how many of them'),
  events: z
    .array(z.enum(caseEventTypes as [string, ...string[]]))
    .optional()
    .describe('All events of the case, in order'),
  ticket: z
    .strictObject({
      state: z.union([z.string(), z.int().transform(String)]).optional(),
      notes: z.int().optional().describe('How many work notes Sallyport wrote'),
      notesContain: z.array(z.string()).optional(),
      notesLack: z.array(z.string()).optional(),
      parent: key.optional().describe('The incident that it names as its parent'),
    })
    .optional(),
  cards: z.int().optional().describe('How many approval cards were posted'),
  notices: z.int().optional().describe('How many other messages in Teams tell of its ticket'),
  called: z
    .array(key)
    .optional()
    .describe('Who was told of it in a chat of their own, besides approval cards'),
  group: key.optional().describe('The incident whose case leads the group that it belongs to'),
});
export type ExpectedCase = z.output<typeof expectedCaseSchema>;

const expectedUserSchema = z.strictObject({
  writes: z
    .partialRecord(z.enum(writeKinds), z.int().min(0))
    .default({})
    .describe('Exact number of Graph writes and of incidents made, per kind; a kind that is not named is 0'),
  riskState: z.string().optional(),
  accountEnabled: z.boolean().optional(),
  mustChangePassword: z.boolean().optional(),
});
export type ExpectedUser = z.output<typeof expectedUserSchema>;

/** One scenario: for the demo, for tests and for a user's own rehearsals. Reference: docs/reference/scenario.md */
export const scenarioSchema = z.strictObject({
  name: z.string().min(1).max(120),
  story: z.string().max(2_000).describe('What happens and why it must end so, for a reader'),
  given: z.strictObject({
    tenant: tenantSchema.describe('Users, risk, tickets … added to the base tenant'),
    faults: z
      .array(faultSchema)
      .max(50)
      .default([])
      .describe('What goes wrong between Sallyport and the outside'),
  }),
  when: z.array(stepSchema).min(1).max(50),
  then: z.strictObject({
    cases: z.record(z.string(), expectedCaseSchema).default({}).describe('By incident key'),
    outcomes: z
      .array(outcome)
      .optional()
      .describe('How all cases end, in any order: where which of them is first is a matter of luck'),
    users: z.record(z.string(), expectedUserSchema).default({}).describe('By user key'),
  }),
});
export type Scenario = z.output<typeof scenarioSchema>;
/** As written in a file, before defaults. */
export type ScenarioGiven = z.input<typeof scenarioSchema>;
export { writeKinds };

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `8h` in milliseconds. */
export function durationMs(text: string): number {
  return Number(text.slice(0, -1)) * unitMs[text.slice(-1) as keyof typeof unitMs];
}
