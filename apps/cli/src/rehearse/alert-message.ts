import { type ScenarioStep, stableGuid } from '@sallyport/scenario';
import { rehearsal } from '../stack/service-env';
import type { SignedMessage } from './send-signed';

const source = '/rehearsal/sentinel';
const type = 'sallyport.risk.detected.v1';

/** The step's alert as a CloudEvent. The same `name` makes the same alert, in either mode. */
export function alertMessage(
  { alert, mode }: Extract<ScenarioStep, { alert: unknown }>,
  subject: string,
  name: string,
): SignedMessage {
  const id = stableGuid('alert', name);
  const detectedAt = '2026-01-01T00:00:00.000Z';
  const data = { subject, source, detectionId: alert.detection, severity: alert.severity, detectedAt };
  const attributes = { specversion: '1.0', id, source, type, subject };
  const secret = rehearsal.alertSecret;
  if (mode === 'structured') {
    const headers = { 'content-type': 'application/cloudevents+json' };
    return { id, secret, headers, body: JSON.stringify({ ...attributes, data }) };
  }
  const headers = Object.fromEntries(Object.entries(attributes).map(([key, value]) => [`ce-${key}`, value]));
  return { id, secret, headers, body: JSON.stringify(data) };
}
