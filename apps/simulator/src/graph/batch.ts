import { z } from 'zod';
import { type Answer, type Call, type Outcome, Refusal } from '../surface';
import { graphError, refuse } from './errors';
import { type GraphCaller } from './route';

const maxRequests = 20;
const requestSchema = z.strictObject({
  id: z.string().min(1),
  method: z.enum(['GET', 'POST', 'PATCH', 'PUT', 'DELETE']),
  url: z.string().startsWith('/'),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional(),
  dependsOn: z.array(z.string()).optional(),
});
const batchSchema = z.strictObject({ requests: z.array(requestSchema).min(1) });
type InnerRequest = z.infer<typeof requestSchema>;

type AnswerOne = (call: Call, caller: GraphCaller) => Outcome;

/** `$batch`: 200 outside whatever happens inside; answers come in another order than the requests. */
export function answerBatch(call: Call, caller: GraphCaller, answerOne: AnswerOne): Outcome {
  const parsed = batchSchema.safeParse(call.body);
  if (!parsed.success) refuse(call, 400, 'Invalid batch payload format.');
  const { requests } = parsed.data;
  if (requests.length > maxRequests) {
    refuse(call, 400, `Number of batch request steps exceeds the maximum value of ${maxRequests}.`);
  }
  if (new Set(requests.map(({ id }) => id)).size < requests.length)
    refuse(call, 400, 'Duplicate request ids.');

  const outcomes = new Map<string, Outcome>();
  for (const request of requests)
    outcomes.set(request.id, outcomeOf(call, caller, request, outcomes, answerOne));
  const effects = [...outcomes.values()].flatMap(({ effect }) => effect ?? []);
  return {
    answer: combined(outcomes),
    writes: [...outcomes.values()].flatMap(({ writes }) => writes ?? []),
    ...(effects.length === 0 ? {} : { effect: (state) => effects.forEach((effect) => effect(state)) }),
  };
}

function outcomeOf(
  call: Call,
  caller: GraphCaller,
  request: InnerRequest,
  earlier: ReadonlyMap<string, Outcome>,
  answerOne: AnswerOne,
): Outcome {
  const failed = (id: string) => {
    const answer = earlier.get(id)?.answer;
    return answer === undefined || (!(answer instanceof Promise) && answer.status >= 400);
  };
  if (request.dependsOn?.some(failed))
    return { answer: graphError(call, 424, 'Failed Dependency', 'FailedDependency') };
  try {
    return answerOne(innerCall(call, request), caller);
  } catch (error) {
    if (error instanceof Refusal) return { answer: error.answer };
    throw error;
  }
}

function innerCall(call: Call, request: InnerRequest): Call {
  const url = new URL(`https://simulator/v1.0${request.url}`);
  const segments = url.pathname
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeURIComponent);
  const headers = new Map(
    Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    ...call,
    method: request.method,
    path: `/${segments.join('/')}`,
    segments,
    query: url.searchParams,
    header: (name) =>
      headers.get(name.toLowerCase()) ?? (name === 'client-request-id' ? call.header(name) : undefined),
    body: request.body,
    text: request.body === undefined ? '' : JSON.stringify(request.body),
  };
}

async function combined(outcomes: ReadonlyMap<string, Outcome>): Promise<Answer> {
  const responses = await Promise.all(
    [...outcomes].map(async ([id, { answer }]) => {
      const { status, headers = {}, body } = await answer;
      return { id, status, headers, ...(body === undefined ? {} : { body }) };
    }),
  );
  return { status: 200, body: { responses: responses.reverse() } };
}
