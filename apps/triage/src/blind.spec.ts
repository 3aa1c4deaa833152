import { join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '../../..');
const fixture = join(__dirname, 'testing/deciders.fixture.ts');

it('what decides does not compile with advice as an input', () => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram([fixture], options);
  const source = program.getSourceFile(fixture);
  // Where a line would compile, its `@ts-expect-error` is the error.
  const wrong = program.getSemanticDiagnostics(source).map(({ messageText }) => messageText);
  expect(wrong).toEqual([]);
  expect(source?.text.match(/^\/\/ @ts-expect-error /gm)?.length).toBeGreaterThan(20);
}, 120_000);
