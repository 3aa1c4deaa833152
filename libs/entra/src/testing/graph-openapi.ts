/** For specs: whether requests and answers keep to Microsoft's published shapes, where the machine has them. */
import Ajv, { type ValidateFunction } from 'ajv';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';

/** Beside the repository, because it is Microsoft's text and not ours. */
const file = resolve(__dirname, '../../../../../shared/api/graph-openapi-subset.json');

/** In Graph, and not among the chosen paths of the document: each has the shape of one that is. */
const sameShape: Readonly<Record<string, string>> = {
  '/users/{user-id}/ownedObjects': '/users/{user-id}/transitiveMemberOf',
  // What the two have in common: principal, kind of membership and times.
  '/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances':
    '/roleManagement/directory/roleEligibilityScheduleInstances',
};

export interface Exchange {
  method: string;
  /** After `/v1.0`, with its query. */
  url: string;
  body: unknown;
  status: number;
  answer: unknown;
}

const parameterSchema = z.object({ name: z.string().optional(), $ref: z.string().optional() });
const operationSchema = z.looseObject({
  parameters: z.array(parameterSchema).optional(),
  requestBody: z.object({ content: z.record(z.string(), z.object({ schema: z.unknown() })) }).optional(),
});
const documentSchema = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });
const batchSchema = z.object({
  requests: z.array(
    z.object({ id: z.string(), method: z.string(), url: z.string(), body: z.unknown().optional() }),
  ),
});
const batchAnswerSchema = z.object({
  responses: z.array(z.object({ id: z.string(), status: z.number(), body: z.unknown().optional() })),
});

/** @returns null where the document is not there, which is said on the console: a skipped check is no passed one. */
export function graphOpenApi(): GraphOpenApi | null {
  if (existsSync(file)) return new GraphOpenApi(documentSchema.parse(nullable(readJson(file))));
  console.warn(`SKIPPED: ${file} is not there, so nothing is checked against Graph's OpenAPI.`);
  return null;
}

export class GraphOpenApi {
  private readonly ajv = new Ajv({ strict: false, validateFormats: false });
  private readonly validators = new Map<string, ValidateFunction>();
  private readonly templates: { template: string; pattern: RegExp }[];

  constructor(private readonly document: z.infer<typeof documentSchema>) {
    for (const [path, like] of Object.entries(sameShape)) document.paths[path] ??= document.paths[like] ?? {};
    this.ajv.addSchema({ $id: 'graph', ...document });
    this.templates = Object.keys(document.paths)
      // A literal segment wins over a parameter.
      .sort((a, b) => a.split('{').length - b.split('{').length)
      .map((template) => ({
        template,
        pattern: new RegExp(`^${template.replace(/[.$]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}$`),
      }));
  }

  /** @returns what is wrong with the exchange, in words; nothing where it keeps to the document. */
  problems(exchange: Exchange): string[] {
    const { pathname, searchParams } = new URL(exchange.url, 'https://graph');
    const found = this.templates.find(({ pattern }) => pattern.test(decodeURIComponent(pathname)));
    const method = exchange.method.toLowerCase();
    const raw = found && this.document.paths[found.template]?.[method];
    const where = `${exchange.method} ${pathname}`;
    if (!found || raw === undefined) return [`${where}: not in the document`];
    const operation = operationSchema.parse(raw);
    const at = `graph#/paths/${escaped(found.template)}/${method}`;
    return [
      ...this.unknownParameters(operation, searchParams),
      ...this.badBody(operation, at, exchange.body),
      ...this.badAnswer(at, exchange),
      ...this.batchProblems(exchange),
    ].map((problem) => `${where}: ${problem}`);
  }

  private unknownParameters({ parameters = [] }: z.infer<typeof operationSchema>, given: URLSearchParams) {
    const declared = parameters.map(({ name, $ref }) => name ?? `$${$ref?.split('/').at(-1)}`);
    // The token of a next link is opaque: no document declares it.
    return [...given.keys()]
      .filter((name) => name !== '$skiptoken' && !declared.includes(name))
      .map((name) => `parameter ${name} is not declared`);
  }

  private badBody({ requestBody }: z.infer<typeof operationSchema>, at: string, body: unknown): string[] {
    if (!requestBody) return body === undefined ? [] : ['a body is not declared'];
    return this.errors(`${at}/requestBody/content/application~1json/schema`, body);
  }

  private badAnswer(at: string, { status, answer }: Exchange): string[] {
    if (status === 204) return answer === undefined ? [] : ['204 with a body'];
    if (status >= 400)
      return this.errors('graph#/components/schemas/microsoft.graph.ODataErrors.ODataError', answer);
    return this.errors(`${at}/responses/${status}/content/application~1json/schema`, answer);
  }

  private batchProblems({ url, body, answer, status }: Exchange): string[] {
    if (url !== '/$batch' || status !== 200) return [];
    const { responses } = batchAnswerSchema.parse(answer);
    return batchSchema.parse(body).requests.flatMap((request) => {
      const response = responses.find(({ id }) => id === request.id);
      if (!response) return [`part ${request.id} has no answer`];
      return this.problems({
        ...request,
        body: request.body,
        status: response.status,
        answer: response.body,
      });
    });
  }

  private errors(pointer: string, value: unknown): string[] {
    const validate =
      this.validators.get(pointer) ??
      this.ajv.compile({ $ref: pointer.replaceAll('{', '%7B').replaceAll('}', '%7D') });
    this.validators.set(pointer, validate);
    validate(value);
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  }
}

const escaped = (template: string): string => template.replaceAll('~', '~0').replaceAll('/', '~1');

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** OpenAPI 3.0 says `nullable: true` beside the type; JSON Schema says it in the type. */
function nullable(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(nullable);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]): [string, unknown] => [key, nullable(value)]);
  const converted: Record<string, unknown> = Object.fromEntries(entries);
  if (converted['nullable'] === true && typeof converted['type'] === 'string') {
    converted['type'] = [converted['type'], 'null'];
  }
  return converted;
}
