import {
  conditionalAccessOutcomes,
  evidenceMaxRows,
  objectIdSchema,
  untrusted,
  type Instant,
  type SignIn,
  type Untrusted,
} from '@sallyport/evidence';
import { z } from 'zod';
import { graphFlag, graphInstant, graphText, graphTextOrNull, knownOrUnknown } from './graph-values';
import { mfaOf } from './mfa';
import { signInBlockOf } from './sign-in-block';

const signInRowSchema = z.object({
  id: graphText,
  createdDateTime: graphInstant,
  userId: objectIdSchema,
  isInteractive: graphFlag,
  status: z.object({
    errorCode: z.int(),
    failureReason: z.string().nullish(),
    additionalDetails: graphTextOrNull,
  }),
  conditionalAccessStatus: knownOrUnknown(conditionalAccessOutcomes),
  riskDetail: graphTextOrNull,
  ipAddress: graphTextOrNull,
  location: z.object({ countryOrRegion: graphTextOrNull }).nullish(),
  deviceDetail: z.object({ deviceId: graphTextOrNull, displayName: z.string().nullish() }).nullish(),
  appDisplayName: z.string().nullish(),
  userAgent: z.string().nullish(),
  correlationId: graphTextOrNull,
});

/**
 * The user's sign-ins since `since`, newest first, at most {@link evidenceMaxRows}. Graph may list one sign-in more
 * than once; of each id the newest row counts, and among equals the first, as Graph lists newest first.
 *
 * @throws ZodError where one row is not a sign-in.
 */
export function signInsFrom(rows: readonly unknown[], userId: string, since: Instant): SignIn[] {
  const newest = new Map<string, SignIn>();
  for (const row of z.array(signInRowSchema).parse(rows)) {
    if (row.userId !== userId || row.createdDateTime < since) continue;
    const signIn = signInFrom(row);
    const seen = newest.get(signIn.id);
    if (!seen || seen.at < signIn.at) newest.set(signIn.id, signIn);
  }
  return [...newest.values()]
    .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : a.id < b.id ? 1 : -1))
    .slice(0, evidenceMaxRows);
}

function signInFrom(row: z.infer<typeof signInRowSchema>): SignIn {
  const { errorCode, failureReason = null, additionalDetails } = row.status;
  return {
    id: row.id,
    at: row.createdDateTime,
    // v1.0 lists interactive sign-ins and a few others; where the row does not say, it proves no person.
    interactive: row.isInteractive === true,
    errorCode,
    blocked: signInBlockOf(errorCode, failureReason),
    conditionalAccess: row.conditionalAccessStatus,
    mfa: mfaOf({ errorCode, additionalDetails, riskDetail: row.riskDetail }),
    ip: row.ipAddress,
    country: row.location?.countryOrRegion ?? null,
    deviceId: row.deviceDetail?.deviceId ?? null,
    // Told by `withHistory`, once devices and the episode are known.
    knownDevice: null,
    knownNetwork: null,
    deviceName: untrustedOrNull(row.deviceDetail?.displayName),
    app: untrustedOrNull(row.appDisplayName),
    userAgent: untrustedOrNull(row.userAgent),
    correlationId: row.correlationId,
  };
}

const untrustedOrNull = (text: string | null | undefined): Untrusted | null =>
  text ? untrusted(text) : null;
