import type { Digest } from '@sallyport/evidence';
import type { Alert } from './alert';
import type { IngestConfig } from './config';

/** `correlation_id` has room for 100 characters, and is how we find our own incident again. */
export const correlationIdOf = (key: Digest): string => `sallyport-${key}`;

/** Impact and urgency, 1 high to 3 low; ServiceNow computes the priority from both. */
const weight = { high: '1', medium: '2', low: '3' } as const;

/** @param userSysId the risky user's `sys_user`, or null where none or several match: then nobody is named */
export function alertTicketFields(
  alert: Alert,
  correlationId: string,
  userSysId: string | null,
  config: Pick<IngestConfig, 'ALERT_SUBJECT_FIELD' | 'ALERT_TICKET_FIELDS'>,
): Record<string, string> {
  const [reference = ''] = config.ALERT_SUBJECT_FIELD.split('.');
  return {
    short_description: `Risky user: ${alert.severity} risk detected`,
    description: [
      `Entra object id: ${alert.subjectId}`,
      `Detection: ${alert.detectionId}, ${alert.severity}, at ${alert.detectedAt}`,
      `Alert: ${alert.id} from ${alert.source}`,
      ...(userSysId === null
        ? ['No single user record carries this object id: set the risky user by hand.']
        : []),
    ].join('\n'),
    impact: weight[alert.severity],
    urgency: weight[alert.severity],
    ...config.ALERT_TICKET_FIELDS,
    ...(userSysId !== null && { [reference]: userSysId }),
    correlation_id: correlationId,
    correlation_display: 'Sallyport',
  };
}
