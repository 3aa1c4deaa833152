import { type Ruling } from '@sallyport/evidence';
import { checkTableCase, rulingsFor, tableFacts } from '@sallyport/policy';
import pc from 'picocolors';
import { packDirs, readPolicyFolder } from './policy-folder';
import { paragraph, textTable } from './policy-columns';

/** `sallyport policy test [DIR…]`: every case of the tables against the pack. @returns the exit code */
export function policyTest(dirs: readonly string[]): number {
  let failures = 0;
  for (const dir of packDirs(dirs)) {
    const { pack, bases, rows } = readPolicyFolder(dir);
    const results = rows.map((row) => ({ ...row, differences: checkTableCase(row.row, bases, pack) }));
    const lines = textTable(
      [
        ['', 'table', 'case', 'contain', 'release', 'close'],
        ...results.map(({ folder, row, differences }) => {
          const facts = tableFacts(row, bases);
          const ruled = Array.isArray(facts) ? null : rulingsFor(facts, pack).rulings;
          const shown = ruled ? [ruled.contain, ruled.release, ruled.close].map(rulingWords) : ['', '', ''];
          return [differences.length === 0 ? 'pass' : 'FAIL', folder, row.name, ...shown];
        }),
      ],
      [4, 5, 37, 20, 20, 7],
    );
    console.log(`\n${pc.bold(pack.name)}\n${pc.dim(lines[0] ?? '')}`);
    for (const line of lines.slice(1)) console.log((line.startsWith('pass') ? pc.green : pc.red)(line));
    const failed = results.filter(({ differences }) => differences.length > 0);
    for (const { path, line, row, differences } of failed)
      console.log(
        pc.red(
          `${path}:${line}: ${row.name}\n${differences.map((text) => paragraph(text, '  ')).join('\n')}`,
        ),
      );
    console.log(`${pack.name}: ${results.length} cases, ${failed.length} failed.`);
    failures += failed.length;
  }
  return failures === 0 ? 0 : 1;
}

/** A ruling in a few words. */
export function rulingWords({ effect, immediate, quorum, rules }: Ruling): string {
  if (effect === 'deny') return 'no';
  const people = quorum.map(({ role, count }) => `${role}:${count}`).join(', ');
  const when = immediate ? 'at once' : people ? `after ${people}` : 'unasked';
  return rules.some(({ review }) => review) ? `${when}, then a person looks` : when;
}
