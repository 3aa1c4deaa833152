import {
  evidenceMaxRows,
  untrusted,
  type Change,
  type ChangeKind,
  type Instant,
  type Untrusted,
} from '@sallyport/evidence';
import { z } from 'zod';
import { changeKindOf, possibleKindsOf } from './activity-table';
import { graphInstant, graphText, graphTextOrNull } from './graph-values';
import { meaningOfUpdate } from './updated-properties';

const idOf = z
  .string()
  .nullish()
  .transform((id) => id?.toLowerCase() ?? null);

const auditRowSchema = z.object({
  id: graphText,
  activityDateTime: graphInstant,
  activityDisplayName: z.string(),
  category: z.string().nullish(),
  loggedByService: z.string().nullish(),
  result: z.string().nullish(),
  correlationId: graphTextOrNull,
  initiatedBy: z
    .object({
      user: z.object({ id: idOf }).nullish(),
      app: z.object({ appId: idOf, servicePrincipalId: idOf, displayName: z.string().nullish() }).nullish(),
    })
    .nullish(),
  targetResources: z
    .array(z.object({ id: idOf, type: z.string().nullish(), modifiedProperties: z.unknown().optional() }))
    .nullish(),
});
type AuditRow = z.infer<typeof auditRowSchema>;

/** What a user does to something else that still bears on the own account: a new app or a new device. */
const kindsWithoutTarget: ReadonlySet<ChangeKind> = new Set(['consentGranted', 'deviceRegistered']);

/**
 * The changes to one account since `since`, newest first, at most {@link evidenceMaxRows}.
 *
 * @param rows audit rows that name the user as a target or as the initiator
 * @param ourAppIds application ids of Sallyport: what they did is not somebody's doing
 * @throws ZodError where one row is not a directory audit.
 */
export function changesFrom(
  rows: readonly unknown[],
  userId: string,
  since: Instant,
  ourAppIds: readonly string[],
): Change[] {
  const ours = new Set(ourAppIds.map((id) => id.toLowerCase()));
  const byId = new Map<string, Change>();
  for (const row of z.array(auditRowSchema).parse(rows)) {
    if (row.activityDateTime < since || !concerns(row, userId)) continue;
    byId.set(row.id, {
      id: row.id,
      at: row.activityDateTime,
      ...meaningFor(row, userId),
      activity: untrusted(row.activityDisplayName),
      category: untrustedOrNull(row.category),
      service: untrustedOrNull(row.loggedByService),
      by: initiatorOf(row, userId, ours),
      correlationId: row.correlationId,
    });
  }
  return [...byId.values()]
    .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : a.id < b.id ? 1 : -1))
    .slice(0, evidenceMaxRows);
}

const isTarget = (row: AuditRow, userId: string) =>
  (row.targetResources ?? []).some(({ id }) => id === userId);
const concerns = (row: AuditRow, userId: string) =>
  isTarget(row, userId) || row.initiatedBy?.user?.id === userId;

const namesSomebodyElse = (row: AuditRow, userId: string) =>
  (row.targetResources ?? []).some(({ id, type }) => type?.toLowerCase() === 'user' && id !== userId);

/**
 * What the row says for sure, and what it may mean besides. An administrator under suspicion who resets somebody else's
 * password has not reset the own one; a row of theirs that names no person may be about themselves.
 */
function meaningFor(row: AuditRow, userId: string): Pick<Change, 'kind' | 'mayBe' | 'succeeded'> {
  const update = meaningOfUpdate(row.activityDisplayName.trim().toLowerCase(), modifiedOf(row, userId));
  const named = update ? update.sure : changeKindOf(row.activityDisplayName);
  const possible =
    update?.mayBe ?? (named === null ? possibleKindsOf(row.loggedByService, row.category) : [named]);
  const target = isTarget(row, userId);
  const own =
    target || !namesSomebodyElse(row, userId)
      ? possible
      : possible.filter((kind) => kindsWithoutTarget.has(kind));
  const sure = named !== null && own.includes(named) && (target || kindsWithoutTarget.has(named));
  // Rows exist for failures and time-outs too, and the enum may grow: only this word counts as done, and only the other
  // as not done.
  const succeeded = row.result === 'success';
  const settled = row.result === 'failure' || (sure && succeeded);
  return {
    kind: sure ? named : 'other',
    mayBe: settled ? [] : own.filter((kind) => kind !== 'other'),
    succeeded,
  };
}

/** Of the user among several targets; where the user is none of them, as a device's owner is not, of the first. */
function modifiedOf({ targetResources }: AuditRow, userId: string): unknown {
  const targets = targetResources ?? [];
  return (targets.find(({ id }) => id === userId) ?? targets[0])?.modifiedProperties;
}

function initiatorOf(row: AuditRow, userId: string, ours: ReadonlySet<string>): Change['by'] {
  const { user, app } = row.initiatedBy ?? {};
  if ([app?.appId, app?.servicePrincipalId].some((id) => id && ours.has(id))) return 'sallyport';
  if (user?.id) return user.id === userId ? 'subject' : 'otherPerson';
  // Such rows often leave `appId` out, and then it may be us: only our application id is known here.
  if (app?.servicePrincipalId && !app.appId) return 'unknown';
  return app?.appId || app?.displayName ? 'application' : 'unknown';
}

const untrustedOrNull = (text: string | null | undefined): Untrusted | null =>
  text ? untrusted(text) : null;
