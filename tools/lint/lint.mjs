/**
 * Lints through ESLint's API and prints what was found as JSON: `[{ file, messages: [{ line, ruleId }] }]`.
 * A process of its own, because Jest cannot load the ESM configuration.
 *
 * usage: node tools/lint/lint.mjs FILE[=AS]…    AS: the path that FILE's text is linted as
 */
import { readFile } from 'node:fs/promises';
import { ESLint } from 'eslint';

// The fixtures are ignored by the configuration, because they are meant to fail.
const eslint = new ESLint({ ignore: false });
const found = [];
for (const argument of process.argv.slice(2)) {
  const [file, as = file] = argument.split('=');
  const [result] = await eslint.lintText(await readFile(file, 'utf8'), { filePath: as });
  const messages = result.messages.map(({ line, ruleId, message }) => ({ line, ruleId: ruleId ?? message }));
  found.push({ file, messages });
}
process.stdout.write(JSON.stringify(found));
