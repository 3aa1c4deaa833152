import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readScenario, ScenarioError } from './read-scenario';

const dir = mkdtempSync(join(tmpdir(), 'sallyport-scenario-'));
afterAll(() => rmSync(dir, { recursive: true }));

const reading = (text: string) => {
  const file = join(dir, 'case.yaml');
  writeFileSync(file, text);
  return () => readScenario(file);
};
const whole = `
name: A case
story: What happens.
given: { tenant: { incidents: [{ key: one }] } }
when: [{ ticket: one }]
then: { cases: { one: { outcome: manualReview } } }
`;

it('reads a whole scenario and fills in what was left out', () => {
  expect(reading(whole)().scenario).toMatchObject({
    when: [{ ticket: 'one', times: 1 }],
    then: { cases: { one: { outcome: 'manualReview' } }, users: {} },
  });
});

it.each([
  ['not YAML', 'name: [', /case\.yaml is not YAML/],
  ['a missing part', whole.replace('story: What happens.', ''), /story/],
  ['an unknown outcome', whole.replace('manualReview', 'unblocked'), /outcome/],
  ['an unknown property', whole.replace('key: one', 'key: one, colour: red'), /colour/],
  ['a step that is none', whole.replace('ticket: one }', 'tikcet: one }'), /when/],
  ['a duration that is none', whole.replace('{ ticket: one }', '{ later: soon }'), /duration/],
])('refuses %s and says where', (_what, text, problem) => {
  expect(reading(text)).toThrow(ScenarioError);
  expect(reading(text)).toThrow(problem);
});
