import { untrusted, type Ticket } from '@sallyport/evidence';
import { z } from 'zod';
import { countValue, fieldValue, flagValue, objectIdOrNull } from './table-values';

/** The incident's references to the people who ask: whom the ticket names, and who recorded it. */
const requesterFields = ['caller_id', 'opened_by'] as const;
type RequesterField = (typeof requesterFields)[number];
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

/** The column of a person that a subject's path ends in; a path without a person has the default's. */
export const personColumnOf = (subjectField: string): string =>
  subjectField.split('.').slice(1).at(-1) ?? 'u_entra_object_id';

export const ticketFields = (subjectField: string, personColumn: string | undefined) =>
  [
    ...ownFields,
    subjectField,
    ...(personColumn === undefined
      ? []
      : requesterFields.flatMap((field) => [field, `${field}.${personColumn}`])),
  ].join(',');

/** What is wrong with the columns or the people of a ticket; an answer of the table, so the reading says it in words. */
export class SubjectProblem extends Error {
  constructor(
    readonly reason: 'notConfigured' | 'invalid' | 'ambiguous',
    message: string,
  ) {
    super(message);
  }
}

const looseRowSchema = z.record(z.string(), z.unknown());
const ticketRowSchema = z.looseObject({
  sys_id: fieldValue.pipe(z.string().regex(/^[0-9a-f]{32}$/)),
  number: fieldValue,
  state: fieldValue.pipe(z.string().min(1)),
  active: flagValue,
  category: fieldValue,
  contact_type: fieldValue,
  sys_mod_count: countValue,
  short_description: fieldValue,
  description: fieldValue,
});

/** How an instance's tickets are to be read. */
export interface TicketView {
  /** The column, possibly dot-walked, that holds the risky user's directory object id: never a name or an address. */
  subjectField: string;
  /**
   * The column of a person that holds the directory object id; see {@link personColumnOf}. Without it nobody is asked
   * for who asks: caller and opener count as unknown people.
   */
  personColumn?: string;
  /** Values of `contact_type` that the organisation trusts to know who asks; compared without regard to case. */
  verifiedContactTypes: readonly string[];
}

/**
 * @throws ZodError for what is not an incident, {@link SubjectProblem} where a column that we rest on is missing, or the
 * subject's holds anything but one id.
 */
export function ticketFrom(
  row: unknown,
  { subjectField, personColumn, verifiedContactTypes }: TicketView,
  journal: Ticket['journal'],
): Ticket {
  const told = looseRowSchema.parse(row);
  for (const field of ownFields) toldValue(told[field], field);
  const ticket = ticketRowSchema.parse(row);
  const [caller, opener] = requesterFields.map((field) => requesterOf(ticket, field, personColumn));
  return {
    sysId: ticket.sys_id,
    number: ticket.number.slice(0, 100),
    state: ticket.state,
    active: ticket.active,
    category: ticket.category,
    contactType: ticket.contact_type,
    modCount: ticket.sys_mod_count,
    subjectId: subjectIdOf(ticket[subjectField], subjectField),
    callerId: caller?.id ?? null,
    openedById: opener?.id ?? null,
    unknownRequester: caller?.unknown !== false || opener?.unknown !== false,
    verifiedChannel: isVerified(ticket.contact_type, verifiedContactTypes),
    journal,
    shortDescription: untrusted(ticket.short_description),
    description: untrusted(ticket.description),
  };
}

/**
 * A reference that is set and leads to no object id is somebody: perhaps the very person the ticket is about. So is one
 * that is left out, as ServiceNow does where a field's ACL hides it from us; empty it is there, as `""`.
 */
function requesterOf(
  ticket: Readonly<Record<string, unknown>>,
  field: RequesterField,
  personColumn: string | undefined,
): { id: string | null; unknown: boolean } {
  if (personColumn === undefined) return { id: null, unknown: true };
  const told = ticket[field];
  const reference = told === undefined ? null : fieldValue.parse(told);
  const idText = toldValue(ticket[`${field}.${personColumn}`], `${field}.${personColumn}`);
  const id = objectIdOrNull(idText);
  return { id, unknown: id === null && (reference !== '' || idText !== '') };
}

/** ServiceNow leaves out columns that it does not know, or does not show to us, instead of refusing them. */
function toldValue(value: unknown, field: string): string {
  if (value === undefined) {
    throw new SubjectProblem('notConfigured', `the instance has no readable field ${field}`);
  }
  return fieldValue.parse(value);
}

function subjectIdOf(value: unknown, subjectField: string): string | null {
  const text = toldValue(value, subjectField);
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
