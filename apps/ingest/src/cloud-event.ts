import { Problem } from '@sallyport/service';
import { jsonOf } from './message-json';
import type { VerifiedMessage } from './webhook-verifier';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The attributes and data of one event, unchecked but for where they came from. */
export interface CloudEvent {
  attributes: Readonly<Record<string, unknown>>;
  data: unknown;
  /** Attributes came in headers, which a signature over the body does not cover. */
  unsignedAttributes: boolean;
}

/** Attributes that are read. Others, and extensions, are ignored, as CloudEvents wants. */
const names = ['specversion', 'id', 'source', 'type', 'subject', 'time'];

/**
 * One event of CloudEvents 1.0 over HTTP, in structured or binary mode.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
 * @throws Problem 400, 415
 */
export function readCloudEvent(message: VerifiedMessage, headers: Headers): CloudEvent {
  const mediaType = String(headers['content-type'] ?? '')
    .split(';')[0]!
    .trim()
    .toLowerCase();
  if (mediaType === 'application/cloudevents+json') {
    const envelope = jsonOf(message.body);
    if (typeof envelope !== 'object' || envelope === null || Array.isArray(envelope)) {
      throw new Problem(
        400,
        'notOneEvent',
        'Not one event',
        'The body must be one CloudEvent as a JSON object.',
      );
    }
    const { data, ...attributes } = { data: undefined, ...envelope };
    return { attributes, data, unsignedAttributes: false };
  }
  if (mediaType.startsWith('application/cloudevents-batch')) {
    throw notSupported(
      'batchNotSupported',
      'Batches are not taken: send each event by itself, with its own signature.',
    );
  }
  if (mediaType === 'application/json' && headers['ce-specversion'] !== undefined) {
    const attributes = Object.fromEntries(names.map((name) => [name, attributeOf(headers, name)]));
    return { attributes, data: jsonOf(message.body), unsignedAttributes: true };
  }
  throw notSupported(
    'notCloudEvent',
    'Send one CloudEvent 1.0: application/cloudevents+json, or application/json with ce- headers.',
  );
}

/** Header values are percent-encoded where they are not printable ASCII. */
function attributeOf(headers: Headers, name: string): string | undefined {
  const value = headers[`ce-${name}`];
  if (typeof value !== 'string') return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    throw new Problem(400, 'badEventHeader', 'Bad event header', `ce-${name} is not percent-encoded UTF-8.`);
  }
}

const notSupported = (code: string, detail: string) =>
  new Problem(415, code, 'Unsupported media type', detail);
