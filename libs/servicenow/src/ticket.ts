import { untrusted, type Ticket } from '@sallyport/evidence';
import { z } from 'zod';
import { countValue, fieldValue, flagValue, objectIdOrNull } from './table-values';

export const callerField = 'caller_id.u_entra_object_id';
export const openedByField = 'opened_by.u_entra_object_id';
const ownFields = [
  'sys_id',
  'number',
  'state',
  'active',
  'category',
  'contact_type',
  'sys_mod_count',
  'short_description',
  'description',
];

export const ticketFields = (subjectField: string) =>
  [...ownFields, subjectField, callerField, openedByField].join(',');

/** What is wrong with the ticket's subject; an answer of the table, so the reading says it in words. */
export class SubjectProblem extends Error {
  constructor(
    readonly reason: 'notConfigured' | 'invalid' | 'ambiguous',
    message: string,
  ) {
    super(message);
  }
}

const ticketRowSchema = z.looseObject({
  sys_id: fieldValue.pipe(z.string().regex(/^[0-9a-f]{32}$/)),
  number: fieldValue,
  state: fieldValue,
  active: flagValue,
  category: fieldValue,
  contact_type: fieldValue,
  sys_mod_count: countValue,
  short_description: fieldValue,
  description: fieldValue,
  [callerField]: fieldValue.optional(),
  [openedByField]: fieldValue.optional(),
});

/** How an instance's tickets are to be read. */
export interface TicketView {
  /** The column, possibly dot-walked, that holds the risky user's directory object id: never a name or an address. */
  subjectField: string;
  /** Values of `contact_type` that the organisation trusts to know who asks; compared without regard to case. */
  verifiedContactTypes: readonly string[];
}

/**
 * @throws ZodError for what is not an incident, {@link SubjectProblem} where the subject's column is missing, or holds
 * anything but one id.
 */
export function ticketFrom(
  row: unknown,
  { subjectField, verifiedContactTypes }: TicketView,
  journal: Ticket['journal'],
): Ticket {
  const ticket = ticketRowSchema.parse(row);
  return {
    sysId: ticket.sys_id,
    number: ticket.number.slice(0, 100),
    state: ticket.state,
    active: ticket.active,
    category: ticket.category,
    contactType: ticket.contact_type,
    modCount: ticket.sys_mod_count,
    subjectId: subjectIdOf(ticket[subjectField], subjectField),
    // The caller only ever helps; where ServiceNow does not know the person, nothing is claimed.
    callerId: objectIdOrNull(ticket[callerField] ?? ''),
    openedById: objectIdOrNull(ticket[openedByField] ?? ''),
    verifiedChannel: isVerified(ticket.contact_type, verifiedContactTypes),
    journal,
    shortDescription: untrusted(ticket.short_description),
    description: untrusted(ticket.description),
  };
}

function subjectIdOf(value: unknown, subjectField: string): string | null {
  // ServiceNow leaves out columns it does not know instead of refusing them.
  if (value === undefined) {
    throw new SubjectProblem('notConfigured', `the instance has no readable field ${subjectField}`);
  }
  const text = fieldValue.parse(value);
  if (text === '') return null;
  // A list column dot-walks to all its people at once; which one is meant is not ours to guess.
  const [, second] = text.split(',');
  if (second !== undefined) throw new SubjectProblem('ambiguous', `${subjectField} holds several values`);
  const id = objectIdOrNull(text);
  if (id === null) throw new SubjectProblem('invalid', `${subjectField} does not hold an object id`);
  return id;
}

const folded = (text: string) => text.trim().toLowerCase();

function isVerified(contactType: string, verified: readonly string[]): boolean | null {
  if (folded(contactType) === '') return null;
  return verified.some((trusted) => folded(trusted) === folded(contactType));
}
