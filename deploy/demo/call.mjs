import { readFileSync } from 'node:fs';
import { request } from 'node:https';

const timeoutMs = 5_000;

/** Calls the simulator over TLS, trusting nothing but its own certificate. Resolves to `{status, body}`, body as text. */
export function call(origin, method, path, { headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const ca = readFileSync('/simulator-ca/ca.pem');
    const asked = request(
      new URL(path, origin),
      { method, headers, ca, signal: AbortSignal.timeout(timeoutMs) },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => (text += chunk));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode, body: text }));
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Tries until `attempt` resolves to something truthy; its last error or refusal is thrown after `withinMs`. */
export async function eventually(what, withinMs, attempt) {
  const deadline = Date.now() + withinMs;
  let last = 'nothing yet';
  while (Date.now() < deadline) {
    try {
      const result = await attempt();
      if (result) return result;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`${what}: not within ${withinMs / 1_000} s (${last})`);
}
