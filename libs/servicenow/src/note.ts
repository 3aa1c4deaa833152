import { digestSchema, type Digest } from '@sallyport/evidence';

/** Longest note; a journal entry may be longer, a reader's patience is not. */
export const noteMaxLength = 20_000;

/** What marks a note as written by this very operation. */
export function markerOf(operationId: Digest): string {
  return `sallyport op=${digestSchema.parse(operationId)}`;
}

/**
 * The note as written: bounded, marked at the end, and without the tag that makes the journal render HTML, since
 * parts of a note were chosen by whoever opened the ticket.
 */
export function markedNote(note: string, operationId: Digest): string {
  const plain = note.replace(/\[(\/?)code\]/gi, '[$1 code]');
  const bounded = plain.length <= noteMaxLength ? plain : `${plain.slice(0, noteMaxLength - 1)}…`;
  return `${bounded}\n\n[${markerOf(operationId)}]`;
}
