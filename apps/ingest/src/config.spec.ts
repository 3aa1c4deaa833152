import { specifyConfig } from '@sallyport/service/testing';
import { ingestConfig } from './config';

const right = {
  DATABASE_URL: 'postgres://app:pw@db/sallyport',
  SERVICENOW_URL: 'https://contoso.service-now.example',
  SERVICENOW_CLIENT_ID: 'intake',
  SERVICENOW_CLIENT_SECRET: 'long enough',
  WEBHOOK_SECRETS: `whsec_${'A'.repeat(32)}`,
  ALERT_WEBHOOK_SECRETS: `whsec_${'B'.repeat(32)}`,
  SERVICENOW_INSTANCE: 'contoso',
};

specifyConfig('ingest', ingestConfig, right, [
  ['WEBHOOK_SECRETS', 'secret'],
  ['WEBHOOK_SECRETS', ', ,'],
  ['WEBHOOK_SECRETS', `whsec_${'A'.repeat(31)}`],
  ['WEBHOOK_SECRETS', Array(5).fill(right.WEBHOOK_SECRETS).join()],
  ['ALERT_WEBHOOK_SECRETS', 'secret'],
  ['SERVICENOW_INSTANCE', 'contoso.service-now.com'],
  ['SERVICENOW_URL', 'contoso'],
  ['TICKET_CATEGORIES', 'security^NQactive=true'],
  ['TICKET_CATEGORIES', ' , '],
  ['BACKFILL_INTERVAL_SECONDS', '0'],
  ['BACKFILL_QUERY', 'category=security^NQactive=true'],
  ['BACKFILL_QUERY', 'category=security^ORDERBYnumber'],
  ['ALERT_SUBJECT_FIELD', 'u_risky_user'],
  ['ALERT_SUBJECT_FIELD', 'a.b.c'],
  ['ALERT_TICKET_FIELDS', 'category=security'],
  ['ALERT_TICKET_FIELDS', '{"sys_id":"x"}'],
]);
