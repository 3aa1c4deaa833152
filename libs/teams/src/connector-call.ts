import { boundedText } from './bounded-text';
import { TeamsError } from './teams-error';

export interface ConnectorCall {
  method: 'POST' | 'PUT';
  url: string;
  body: unknown;
  token: string;
  timeoutMs: number;
}

const answerMaxBytes = 256 * 1024;

/**
 * One request to the Bot Connector, never repeated here: a POST after a 502 or 504 may have delivered.
 *
 * @returns the parsed body, or null where it is empty
 * @throws TeamsError
 */
export async function connectorCall({
  method,
  url,
  body,
  token,
  timeoutMs,
}: ConnectorCall): Promise<unknown> {
  const signal = AbortSignal.timeout(timeoutMs);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        Accept: 'application/json',
      },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal,
    });
    text = await boundedText(response, answerMaxBytes);
  } catch (cause) {
    const code = signal.aborted ? 'timeout' : 'connection';
    const maybeDelivered = !neverConnected(cause);
    throw new TeamsError({ kind: 'unavailable', status: null, code, maybeDelivered, cause });
  }
  if (!response.ok) throw refusal(response);
  try {
    return text === '' ? null : JSON.parse(text);
  } catch (cause) {
    const { status } = response;
    throw new TeamsError({ kind: 'unavailable', status, code: 'notJson', maybeDelivered: true, cause });
  }
}

/** No name, no port, no trust: failures before the first byte of the request was sent. */
const beforeSending = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** undici wraps the reason as `cause`. */
function neverConnected(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('code' in error && typeof error.code === 'string' && beforeSending.has(error.code)) return true;
  return 'cause' in error && neverConnected(error.cause);
}

/** 412 and 429 turn a message away before it is taken; after 5xx it may have been. */
function refusal(response: Response): TeamsError {
  const { status } = response;
  const facts = { status, code: `http${status}`, retryAfterMs: retryAfterMs(response) };
  if (status === 429) return new TeamsError({ ...facts, kind: 'throttled' });
  if (status === 412) return new TeamsError({ ...facts, kind: 'unavailable' });
  if (status === 408 || status >= 500) {
    return new TeamsError({ ...facts, kind: 'unavailable', maybeDelivered: true });
  }
  if (status === 403 || status === 404) return new TeamsError({ ...facts, kind: 'gone' });
  if (status === 413) return new TeamsError({ ...facts, kind: 'tooBig' });
  return new TeamsError({ ...facts, kind: 'rejected' });
}

function retryAfterMs(response: Response): number | null {
  const seconds = response.headers.get('retry-after');
  return seconds !== null && /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1_000 : null;
}
