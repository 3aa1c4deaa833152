import { specifyConfig } from '@sallyport/service/testing';
import { auditConfig } from './config';

const right = {
  DATABASE_URL: 'postgres://app:pw@db/sallyport',
  SERVICENOW_URL: 'https://contoso.service-now.example',
  SERVICENOW_CLIENT_ID: 'sallyport',
  SERVICENOW_CLIENT_SECRET: 'long enough',
  SERVICENOW_USER_NAME: 'sallyport',
};

specifyConfig('audit', auditConfig, right, [
  ['TICKET_REVIEW_FIELDS', 'state=2'],
  ['TICKET_RESOLVED_FIELDS', '{"state":6}'],
  ['TICKET_CONTAINED_FIELDS', '{"state;drop":"6"}'],
  ['TICKET_CONTAINED_FIELDS', '["state"]'],
  ['TICKET_PARENT_FIELD', 'parent;drop'],
]);
