// Plays ServiceNow: reports the risky user Ines, who already reset her password, and waits until Sallyport has
// verified that, written it to the ticket and resolved it. Exit code 0 when it did.
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { call, eventually } from './call.mjs';

const { INGEST_URL, SIMULATOR_URL, WEBHOOK_SECRETS, SERVICENOW_INSTANCE } = process.env;
const { SERVICENOW_CLIENT_ID, SERVICENOW_CLIENT_SECRET } = process.env;

const number = 'INC0041207';
const sysId = createHash('sha256').update('incident:ines-risky').digest('hex').slice(0, 32);
const resolved = '6';
// A new risk episode each time, so that the demo can be played again on the same database.
const episode = `demo-${Date.now()}`;

await eventually('sending the ticket', 120_000, async () => {
  const at = new Date();
  const id = `msg_${randomUUID()}`;
  const body = JSON.stringify({
    type: 'incident.created',
    timestamp: at.toISOString(),
    data: {
      ...{ sys_id: sysId, number, instance: SERVICENOW_INSTANCE, category: 'security' },
      ...{ sys_mod_count: 0, reopen_count: 0, risk_episode: episode },
    },
  });
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  const key = Buffer.from(WEBHOOK_SECRETS.split(',')[0].replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  const response = await fetch(`${INGEST_URL}/webhooks/tickets`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    },
    body,
    signal: AbortSignal.timeout(5_000),
  });
  if (response.status !== 202) throw new Error(`ingest answered ${response.status} ${await response.text()}`);
  return true;
});
console.log(`${number}: reported to Sallyport`);

const ticket = await eventually(`resolving ${number}`, 120_000, async () => {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: SERVICENOW_CLIENT_ID,
    client_secret: SERVICENOW_CLIENT_SECRET,
  });
  const token = await call(SIMULATOR_URL, 'POST', '/oauth_token.do', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  });
  const query = '?sysparm_fields=number,state,close_notes';
  const answer = await call(SIMULATOR_URL, 'GET', `/api/now/v2/table/incident/${sysId}${query}`, {
    headers: { accept: 'application/json', authorization: `Bearer ${JSON.parse(token.body).access_token}` },
  });
  if (answer.status !== 200) throw new Error(`ServiceNow answered ${answer.status}`);
  const { result } = JSON.parse(answer.body);
  if (result.state !== resolved) throw new Error(`its state is ${result.state}`);
  return result;
});
console.log(`${number}: resolved. ${ticket.close_notes}`);
