/** For specs: whether requests and answers keep to Microsoft's published shapes, where the machine has them. */
import Ajv, { type ValidateFunction } from 'ajv';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';

/** Beside the repository, because it is Microsoft's text and not ours. */
const beside = resolve(__dirname, '../../../../../shared');

/** In Graph, and not among the chosen paths of the document: each has the shape of one that is. */
const sameShape: Readonly<Record<string, string>> = {
  // Lists of directory objects, as the request goes.
  '/groups': '/users/{user-id}/transitiveMemberOf',
  '/groups/{group-id}/owners': '/groups/{group-id}/transitiveMembers',
  // Of the request, that is: one object by its id, with what is chosen of it.
  '/groups/{group-id}': '/users/{user-id}',
  '/groups/{group-id}/members': '/groups/{group-id}/transitiveMembers',
  // What the two have in common: principal, kind of membership and times.
  '/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances':
    '/roleManagement/directory/roleEligibilityScheduleInstances',
};

export interface Asked {
  method: string;
  /** After `/v1.0`, with its query. */
  url: string;
  body: unknown;
}

export interface Exchange extends Asked {
  /** null: no answer of Graph, because the connection broke or something in between answered. */
  status: number | null;
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

/**
 * @param folder that holds the document as `api/graph-openapi-subset.json`
 * @returns null where the document is not there, which is said on the console: a skipped check is no passed one
 * @throws Error where `CI=true` and the folder is there without it: then it was moved, and nothing would be checked
 */
export function graphOpenApi(folder = beside): GraphOpenApi | null {
  const file = join(folder, 'api', 'graph-openapi-subset.json');
  if (existsSync(file)) return new GraphOpenApi(documentSchema.parse(nullable(readJson(file))));
  if (process.env['CI'] === 'true' && existsSync(folder)) throw new Error(`${file} is not there`);
  console.warn(`SKIPPED: ${file} is not there, so nothing is checked against Graph's OpenAPI.`);
  return null;
}

/** What a server of a spec was asked for as Graph, to be held to the document when it stops. */
export class AskedGraph {
  private readonly requests: Asked[] = [];
  private readonly openApi = graphOpenApi();

  /** @param url as it came, with `/v1.0`; @param text of the body, perhaps empty */
  saw(method: string | undefined, url: string | undefined, text: string): void {
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    this.requests.push({ method: method ?? '', url: (url ?? '').replace(/^\/v1\.0/, ''), body });
  }

  /** @throws Error for requests that Microsoft's document does not have */
  verify(): void {
    const problems = this.requests
      .splice(0)
      .flatMap((request) => this.openApi?.requestProblems(request) ?? []);
    if (problems.length > 0)
      throw new Error(`Graph does not document this: ${[...new Set(problems)].join('; ')}`);
  }
}

/**
 * What clients asked and were told, of every shape once: for runs of hundreds of thousands of calls. Ids, times and
 * numbers are no part of a shape; words are, because Microsoft's document lists them.
 */
export class GraphShapes {
  private readonly shapes = new Map<string, Exchange>();
  private readonly openApi = graphOpenApi();

  saw(exchange: Exchange): void {
    if (!this.openApi) return;
    const shape = JSON.stringify(exchange).replace(/[0-9a-f-]{20,}|\d+/gi, '0');
    if (!this.shapes.has(shape)) this.shapes.set(shape, exchange);
  }

  get size(): number {
    return this.shapes.size;
  }

  /** @returns what Microsoft does not document, in words */
  problems(): string[] {
    const found = [...this.shapes.values()].flatMap((exchange) => this.openApi?.problems(exchange) ?? []);
    return [...new Set(found)];
  }
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
    return [...this.requestProblems(exchange), ...this.answerProblems(exchange)];
  }

  /** Path, query and body of a request, and of each part of a batch. */
  requestProblems(asked: Asked): string[] {
    const operation = this.operationOf(asked);
    const { pathname, searchParams } = new URL(asked.url, 'https://graph');
    const where = `${asked.method} ${pathname}`;
    if (!operation) return [`${where}: not in the document`];
    return [
      ...this.unknownParameters(operation.given, searchParams),
      ...this.badBody(operation.given, operation.at, asked.body),
      ...partsOf(asked).flatMap((part) => this.requestProblems({ ...part, body: part.body })),
    ].map((problem) => `${where}: ${problem}`);
  }

  /** The answer alone, and the parts of a batch; to a request that the document does not have, nothing is known. */
  answerProblems(exchange: Exchange): string[] {
    const operation = this.operationOf(exchange);
    const { status, answer, method, url } = exchange;
    if (status === null) return [];
    const problems =
      status >= 400
        ? this.errors('graph#/components/schemas/microsoft.graph.ODataErrors.ODataError', answer)
        : operation
          ? [...this.badAnswer(operation.at, status, answer), ...this.badParts(exchange)]
          : [];
    return problems.map((problem) => `${method} ${url.split('?')[0]}: ${status} ${problem}`);
  }

  private operationOf({ method, url }: Asked) {
    const { pathname } = new URL(url, 'https://graph');
    const found = this.templates.find(({ pattern }) => pattern.test(decodeURIComponent(pathname)));
    const given = found && this.document.paths[found.template]?.[method.toLowerCase()];
    if (!found || given === undefined) return null;
    const at = `graph#/paths/${escaped(found.template)}/${method.toLowerCase()}`;
    return { given: operationSchema.parse(given), at };
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

  private badAnswer(at: string, status: number, answer: unknown): string[] {
    if (status === 204) return answer === undefined ? [] : ['with a body'];
    return this.errors(`${at}/responses/${status}/content/application~1json/schema`, answer);
  }

  private badParts(exchange: Exchange): string[] {
    const parts = partsOf(exchange);
    if (parts.length === 0) return [];
    const { responses } = batchAnswerSchema.parse(exchange.answer);
    return parts.flatMap((part) => {
      const response = responses.find(({ id }) => id === part.id);
      if (!response) return [`part ${part.id} has no answer`];
      const { status, body: answer } = response;
      return this.answerProblems({ ...part, body: part.body, status, answer });
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

const partsOf = ({ url, body }: Asked) => (url === '/$batch' ? batchSchema.parse(body).requests : []);

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
