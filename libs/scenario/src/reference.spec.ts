import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { faultSchema } from './faults';
import { readScenario, scenarioJsonSchema } from './read-scenario';
import { faultWords, meanings, propertyPaths, renderReference, stepExamples } from './reference';
import { scenarioSchema } from './scenario';

const root = join(__dirname, '../../..');
const exampleFile = join(root, 'scenarios/false-positive-after-new-device.yaml');
const schema = scenarioJsonSchema();

/** `UPDATE_REFERENCE=1` writes what the test would otherwise compare; see CONTRIBUTING.md. */
function expectCommitted(file: string, text: string): void {
  const path = join(root, 'docs/reference', file);
  if (process.env['UPDATE_REFERENCE'] === '1') writeFileSync(path, text);
  expect(readFileSync(path, 'utf8')).toBe(text);
}

describe('the reference of scenario files', () => {
  it('is the committed page', () => {
    expectCommitted('scenario.md', renderReference(schema, readFileSync(exampleFile, 'utf8')));
  });

  it('is the committed JSON Schema', () => {
    expectCommitted('scenario.schema.json', `${JSON.stringify(schema, null, 2)}\n`);
  });

  it('explains only properties that there are', () => {
    const paths = propertyPaths(schema);
    expect(Object.keys(meanings).filter((path) => !paths.includes(path))).toEqual([]);
  });

  it('explains every kind of fault', () => {
    expect(Object.keys(faultWords)).toEqual(faultSchema.shape.kind.options);
  });

  it('shows one example of every step, and each is a step', () => {
    const { scenario } = readScenario(exampleFile);
    const steps = scenarioSchema.shape.when.element.options.map((option) => Object.keys(option.shape)[0]);
    expect(Object.keys(stepExamples)).toEqual(steps);
    const when = Object.values(stepExamples).map((text) => parse(text) as unknown);
    expect(scenarioSchema.safeParse({ ...scenario, when }).error).toBeUndefined();
  });
});
