import { boundedText } from './bounded-text';
import { ServiceNowError } from './service-now-error';

export interface JsonAnswer {
  status: number;
  body: unknown;
  headers: Headers;
}

/** Two hundred incidents with description stay far below; more is not an answer that we asked for. */
const answerMaxBytes = 8 * 1024 * 1024;

/**
 * One request, no retry, no redirect.
 *
 * @param timeoutMs bound of the exchange including the body
 * @throws ServiceNowError for everything but a 2xx answer with JSON.
 */
export async function exchange(url: URL, init: RequestInit, timeoutMs: number): Promise<JsonAnswer> {
  const signal = AbortSignal.timeout(timeoutMs);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { ...init, signal, redirect: 'manual' });
    text = await boundedText(response, answerMaxBytes);
  } catch (cause) {
    const code = signal.aborted ? 'timeout' : 'connection';
    throw new ServiceNowError({ kind: 'unavailable', status: null, code, cause });
  }
  if (!response.ok) throw refusal(response);
  return { status: response.status, headers: response.headers, body: jsonOf(response, text) };
}

/** A hibernating instance answers 200 with an HTML page: "try later", not an answer. */
function jsonOf(response: Response, text: string): unknown {
  if (/\bjson\b/i.test(response.headers.get('content-type') ?? '')) {
    try {
      return JSON.parse(text);
    } catch {
      // Falls through: cut off or not JSON at all.
    }
  }
  throw new ServiceNowError({ kind: 'unavailable', status: response.status, code: 'notJson' });
}

function refusal(response: Response): ServiceNowError {
  const { status } = response;
  const facts = { status, code: `http${status}`, retryAfterMs: retryAfterMs(response) };
  if (status === 429) return new ServiceNowError({ ...facts, kind: 'throttled' });
  if (status >= 500 || status === 408) return new ServiceNowError({ ...facts, kind: 'unavailable' });
  if (status === 401 || status === 403) return new ServiceNowError({ ...facts, kind: 'forbidden' });
  // Any web server says 404; only JSON comes from the Table API.
  const fromTheApi = /\bjson\b/i.test(response.headers.get('content-type') ?? '');
  if (status === 404) return new ServiceNowError({ ...facts, kind: fromTheApi ? 'notFound' : 'unavailable' });
  return new ServiceNowError({ ...facts, kind: 'rejected' });
}

function retryAfterMs(response: Response): number | null {
  const seconds = response.headers.get('retry-after');
  return seconds !== null && /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1_000 : null;
}
