import type { Instant } from '@sallyport/evidence';
import { filterOf, odataTime } from './graph-query';

const anyOf = (conditions: readonly string[]): string =>
  conditions.length === 1 ? conditions.join('') : `(${conditions.join(' or ')})`;

/** The sign-in log of these users. */
export function signInPaths(userIds: readonly string[], since: Instant): string[] {
  const users = anyOf(userIds.map((id) => `userId eq '${id}'`));
  return [`/auditLogs/signIns?${filterOf(users, `createdDateTime ge ${odataTime(since)}`)}&$top=1000`];
}

/** Rows that name a user as target, and those that a user began: a consent names only the application. */
export function changePaths(userIds: readonly string[], since: Instant): string[] {
  const window = `activityDateTime ge ${odataTime(since)}`;
  return [
    anyOf(userIds.map((id) => `targetResources/any(t: t/id eq '${id}')`)),
    anyOf(userIds.map((id) => `initiatedBy/user/id eq '${id}'`)),
  ].map((condition) => `/auditLogs/directoryAudits?${filterOf(window, condition)}&$top=1000`);
}
