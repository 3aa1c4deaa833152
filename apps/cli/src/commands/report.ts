import pc from 'picocolors';
import { passed, type ScenarioResult } from '../rehearse/run-scenario';
import { outcomeOf } from '../rehearse/compare';
import { timeline } from './timeline';

/** The whole story of one scenario, for a reader who has not seen the file. */
export function printStory(result: ScenarioResult): void {
  const mark = passed(result) ? pc.green('✔') : pc.red('✘');
  console.log(`\n${mark} ${pc.bold(result.scenario.name)}`);
  console.log(pc.dim(wrap(result.scenario.story, 100)));
  for (const { number, events } of result.cases) {
    console.log(`  ${pc.cyan(number)}`);
    for (const line of timeline(events)) console.log(line);
  }
  printDifferences(result);
}

/** What was expected and did not happen. */
export function printDifferences(result: ScenarioResult): void {
  if (result.error) console.log(pc.red(`  stopped: ${result.error}`));
  for (const { about, what, expected, actual, met } of result.checks) {
    if (!met) console.log(pc.red(`  ${about}, ${what}: expected ${expected}, got ${actual}`));
  }
}

/** A table of expected beside actual, one scenario a line. */
export function printTable(results: readonly ScenarioResult[]): void {
  const rows = results.map((result) => [
    passed(result) ? 'pass' : 'FAIL',
    result.scenario.name,
    expectedOutcomes(result),
    result.cases.map(({ case: c }) => outcomeOf(c)).join(', '),
    `${result.checks.filter((check) => check.met).length}/${result.checks.length}`,
    `${(result.elapsedMs / 1_000).toFixed(1)} s`,
  ]);
  const header = ['', 'scenario', 'expected', 'actual', 'checks', 'time'];
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  console.log(`\n${pc.dim(line(header))}`);
  for (const row of rows) console.log((row[0] === 'pass' ? pc.green : pc.red)(line(row)));
}

function expectedOutcomes({ scenario }: ScenarioResult): string {
  const { cases, outcomes } = scenario.then;
  return [...Object.values(cases).map((expected) => expected.outcome), ...(outcomes ?? [])].join(', ');
}

function wrap(text: string, width: number): string {
  const lines: string[] = [];
  let line = ' ';
  for (const word of text.trim().split(/\s+/)) {
    if (line.length + word.length + 1 > width) {
      lines.push(line);
      line = ' ';
    }
    line += ` ${word}`;
  }
  return [...lines, line].join('\n');
}
