import { objectIdSchema } from '@sallyport/evidence';
import { Problem } from '@sallyport/service';
import { z } from 'zod';
import { type CloudEvent, readCloudEvent } from './cloud-event';
import { parsed } from './message-json';
import type { VerifiedMessage } from './webhook-verifier';

/** The one kind of alert that is taken. Another shape is another version of this name. */
export const alertType = 'sallyport.risk.detected.v1';

/** Ids and names of machines: printable ASCII, so that what stands in the ticket is what was sent. */
const text = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\x20-\x7e]+$/, 'must be printable ASCII');

const alertSchema = z.object({
  specversion: z.literal('1.0'),
  id: text,
  /** Who found it, as CloudEvents wants it: a URI reference such as `/sentinel/contoso`. */
  source: text,
  type: z.literal(alertType),
  /** Entra object id of the risky user. */
  subject: objectIdSchema,
  data: z.object({
    detectionId: text,
    severity: z.enum(['low', 'medium', 'high']),
    detectedAt: z.iso.datetime({ offset: true }).transform((time) => new Date(time).toISOString()),
    /** The event's `subject` and `source` again: required in binary mode, where only the body is signed. */
    subject: objectIdSchema.optional(),
    source: text.optional(),
  }),
});

/** What an alert says. Nothing of it is believed beyond whom to look at: evidence is read at its source. */
export interface Alert {
  id: string;
  source: string;
  subjectId: string;
  detectionId: string;
  severity: 'low' | 'medium' | 'high';
  detectedAt: string;
}

/** @throws Problem 400, 415, 422 */
export function readAlert(
  message: VerifiedMessage,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Alert {
  const event = readCloudEvent(message, headers);
  const { type } = event.attributes;
  if (typeof type === 'string' && type !== alertType) {
    throw new Problem(422, 'unknownType', 'Unknown type', `Only events of type ${alertType} are taken.`, {
      accepted: [alertType],
    });
  }
  const given = { ...event.attributes, data: event.data };
  const alert = parsed(alertSchema, given, 'badAlert', 'Bad alert');
  refuseUnsigned(event, alert, message.id);
  const { detectionId, severity, detectedAt } = alert.data;
  return { id: alert.id, source: alert.source, subjectId: alert.subject, detectionId, severity, detectedAt };
}

/**
 * A signature covers body and `webhook-id`, not the ce- headers: whoever can put a header before ours could turn a
 * signed alert against another person, or make ten alerts of one. So in binary mode everything that we act on has to
 * stand in a signed place too, and nowhere may the two differ.
 */
function refuseUnsigned(
  { unsignedAttributes }: CloudEvent,
  { id, subject, source, data }: z.output<typeof alertSchema>,
  messageId: string,
): void {
  const wrong = [
    unsignedAttributes && messageId !== id && 'webhook-id must be ce-id',
    differs(data.subject, subject, unsignedAttributes) && 'data.subject must be the subject',
    differs(data.source, source, unsignedAttributes) && 'data.source must be the source',
  ].filter((problem) => problem !== false);
  if (wrong.length === 0) return;
  const detail = `What is acted on must be signed: ${wrong.join(', ')}.`;
  throw new Problem(422, 'attributesNotSigned', 'Attributes not signed', detail);
}

const differs = (signed: string | undefined, used: string, required: boolean): boolean =>
  signed === undefined ? required : signed !== used;
