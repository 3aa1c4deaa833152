/** Why an inbound activity did not pass; the table that maps codes to statuses is in `gate.ts`. */
export type GateCode =
  | 'missingToken'
  | 'invalidToken'
  | 'keysUnavailable'
  | 'notEndorsed'
  | 'serviceUrlMismatch'
  | 'serviceUrlNotAllowed'
  | 'wrongTenant'
  | 'anonymousPerson'
  | 'activityChanged'
  | 'malformedActivity';

/** The message is for our log. The sender gets status and code, which say which rule it was and nothing about us. */
export class GateRefusal extends Error {
  override readonly name = 'GateRefusal';
  constructor(
    readonly code: GateCode,
    readonly status: 400 | 401 | 403,
    detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}
