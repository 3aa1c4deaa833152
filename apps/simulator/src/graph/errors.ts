import { randomUUID } from 'node:crypto';
import { type Answer, type Call, Refusal } from '../surface';

/** What Graph calls a status when nothing more specific applies. GRAPH API error reference; branch on status + code. */
const codes: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'InvalidAuthenticationToken',
  403: 'Authorization_RequestDenied',
  404: 'Request_ResourceNotFound',
  405: 'Request_BadRequest',
  409: 'Directory_ConcurrencyViolation',
  412: 'Request_PreconditionFailed',
  415: 'Request_BadRequest',
  423: 'Locked',
  429: 'TooManyRequests',
  500: 'InternalServerError',
  502: 'BadGateway',
  503: 'ServiceUnavailable',
  504: 'GatewayTimeout',
};

/** An OData error. The `request-id` in it equals the one of the response header, which is taken from here. */
export function graphError(
  call: Call,
  status: number,
  message: string,
  code = codes[status] ?? 'UnknownError',
): Answer {
  const requestId = randomUUID();
  const clientRequestId = call.header('client-request-id') ?? requestId;
  return {
    status,
    headers: { 'request-id': requestId, 'client-request-id': clientRequestId },
    body: {
      error: {
        code,
        message,
        innerError: {
          // Without zone designator, as Graph sends it.
          date: call.now.toISOString().slice(0, 19),
          'request-id': requestId,
          'client-request-id': clientRequestId,
        },
      },
    },
  };
}

export const notFound = (call: Call, id: string): Answer =>
  graphError(
    call,
    404,
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );

export function refuse(call: Call, status: number, message: string, code?: string): never {
  throw new Refusal(graphError(call, status, message, code));
}
