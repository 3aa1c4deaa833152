import { Webhook } from 'standardwebhooks';
import { z } from 'zod';

export interface SignedMessage {
  id: string;
  body: string;
  /** `whsec_…` */
  secret: string;
  headers?: Readonly<Record<string, string>>;
}

const receiptSchema = z.object({ caseId: z.string(), status: z.string() });

/** Sends a message as Standard Webhooks signs it. @throws Error for anything but 202 */
export async function sendSigned(
  url: string,
  message: SignedMessage,
): Promise<z.output<typeof receiptSchema>> {
  const { id, body, secret, headers } = message;
  const at = new Date();
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      ...headers,
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': new Webhook(secret).sign(id, at, body),
    },
  });
  const text = await response.text();
  if (response.status !== 202) throw new Error(`ingest answered ${response.status}: ${text}`);
  return receiptSchema.parse(JSON.parse(text));
}
