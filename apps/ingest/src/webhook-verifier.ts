import { isUtf8 } from 'node:buffer';
import { Problem } from '@sallyport/service';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

/** A message whose sender is proven: its id and exact bytes. */
export interface VerifiedMessage {
  id: string;
  body: Buffer;
}

/** `webhook-id` as Standard Webhooks describes it; a dot would make the signed text ambiguous. */
const messageId = /^[A-Za-z0-9_-]{1,128}$/;

/** Unix seconds. The library would read `123abc` as 123. */
const unixSeconds = /^\d{1,12}$/;

/**
 * Checks Standard Webhooks 1.0.0 signatures (v1, HMAC-SHA256) against every current secret, so that a secret can be
 * rotated without losing a message. Freshness (five minutes both ways) is the library's.
 */
export class WebhookVerifier {
  private readonly webhooks: readonly Webhook[];

  constructor(secrets: readonly string[]) {
    this.webhooks = secrets.map((secret) => new Webhook(secret));
  }

  /** @throws Problem 400 for missing or malformed headers, 401 for a signature or time that does not hold */
  verify(body: Buffer, headers: Readonly<Record<string, string | string[] | undefined>>): VerifiedMessage {
    const id = single(headers, 'webhook-id');
    const signed = {
      'webhook-id': id,
      'webhook-timestamp': single(headers, 'webhook-timestamp'),
      'webhook-signature': single(headers, 'webhook-signature'),
    };
    if (!messageId.test(id)) {
      throw new Problem(
        400,
        'badWebhookHeaders',
        'Bad webhook headers',
        'webhook-id may hold letters, digits, _ and -.',
      );
    }
    if (!unixSeconds.test(signed['webhook-timestamp'])) {
      throw new Problem(
        400,
        'badWebhookHeaders',
        'Bad webhook headers',
        'webhook-timestamp must be Unix seconds.',
      );
    }
    // The library signs the body as text: two bodies of broken UTF-8 would have one signature.
    if (!isUtf8(body))
      throw new Problem(400, 'notUtf8', 'Not UTF-8', 'The body must be one JSON object in UTF-8.');
    let lastReason = '';
    for (const webhook of this.webhooks) {
      try {
        webhook.verify(body, signed, { jsonParse: false });
        return { id, body };
      } catch (error) {
        if (!(error instanceof WebhookVerificationError)) throw error;
        lastReason = error.message;
      }
    }
    throw new Problem(
      401,
      'webhookNotVerified',
      'Webhook not verified',
      `${lastReason}. Sign the exact bytes sent with the shared secret, with a clock that is right to five minutes.`,
    );
  }
}

function single(headers: Readonly<Record<string, string | string[] | undefined>>, name: string): string {
  const value = headers[name];
  if (typeof value === 'string' && value !== '' && !value.includes(', ')) return value;
  throw new Problem(400, 'badWebhookHeaders', 'Bad webhook headers', `Exactly one ${name} header is needed.`);
}
