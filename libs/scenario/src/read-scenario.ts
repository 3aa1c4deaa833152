import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { type Scenario, scenarioSchema } from './scenario';

/** A scenario file that cannot be used, with every problem. */
export class ScenarioError extends Error {}

/** Reads one scenario file (YAML 1.2). @throws ScenarioError naming file, place and problem */
export function readScenario(file: string): { scenario: Scenario; given: unknown } {
  const document = parseDocument(readFileSync(file, 'utf8'), { prettyErrors: true });
  const broken = document.errors.map((error) => error.message);
  if (broken.length > 0) throw new ScenarioError(`${file} is not YAML:\n${broken.join('\n')}`);
  const given: unknown = document.toJS({ maxAliasCount: 100 });
  const result = scenarioSchema.safeParse(given);
  if (!result.success)
    throw new ScenarioError(`${file} is not a scenario:\n${z.prettifyError(result.error)}`);
  return { scenario: result.data, given };
}

/** The JSON Schema of scenario files, for editors. */
export function scenarioJsonSchema(): object {
  return z.toJSONSchema(scenarioSchema, { io: 'input', unrepresentable: 'any' });
}
