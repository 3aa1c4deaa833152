import { join } from 'node:path';
import { type Action, type CaseEvent } from '@sallyport/evidence';
import {
  decide,
  explain,
  type Explanation,
  type Facts,
  knownFactOf,
  outcomeWords,
  type Pack,
  type Turn,
  unknownNumber,
} from '@sallyport/policy';
import pc from 'picocolors';
import { decisionsOf, soundEvents, withCaseLog } from './policy-cases';
import { paragraph } from './policy-columns';
import { policiesDir, provableIn, readPolicyFolder } from './policy-folder';
import { rulingWords } from './policy-test';

/**
 * `sallyport policy explain CASE`: why a case was decided as it was, and what would have changed it.
 *
 * @returns 2 where there is nothing to explain
 */
export function policyExplain(caseId: string, options: { pack?: string }): Promise<number> {
  return withCaseLog('policy explain', async (log) => {
    const events = await soundEvents(log, caseId);
    const recorded = decisionsOf(caseId, events).at(-1);
    if (!recorded) {
      console.error(
        events.length > 0
          ? `${caseId} was not decided yet: try again when it is.`
          : `There is no case ${caseId} in this log. The console has the id of a case (case-…) in its address.`,
      );
      return 2;
    }
    const { decision, ticketNumber, at, evidence } = recorded;
    const folder = readPolicyFolder(options.pack ?? join(policiesDir, decision.pack));
    console.log(
      `${caseId}, ticket ${ticketNumber}\ndecided at ${at} by ${decision.pack}: ${outcomeWords(decision)}`,
    );
    for (const line of consequenceLines(caseId, events)) console.log(`  ${line}`);
    for (const error of decision.errors) console.log(pc.red(`  error: ${error}`));
    printPackChange(decision.policySetHash, folder.pack);
    // The facts are made again: a recorded fact may have a meaning that this version no longer knows.
    const facts = decide(evidence, at, folder.pack).facts as Facts;
    for (const explanation of explain(facts, provableIn(folder))) printExplanation(explanation, facts);
    return 0;
  });
}

/** What followed from the newest decision beside its rulings. */
function consequenceLines(caseId: string, events: readonly CaseEvent[]): string[] {
  const decided = events.findLast((event) => event.type === 'policy.decided');
  if (decided?.type !== 'policy.decided') return [];
  const { decision, group } = decided;
  const { campaign, page } = decision;
  return [
    ...(campaign && group
      ? [
          `${campaign.users} people had ${campaign.kind} within an hour: ${group.leadCaseId === caseId ? 'leads its group' : `part of the group of ${group.leadCaseId}`}`,
        ]
      : []),
    ...(page ? [`called at once: ${page.join(', ')}`] : []),
  ];
}

function printPackChange(policySetHash: string, pack: Pack): void {
  if (pack.policySetHash === policySetHash) return;
  console.log(
    pc.yellow(
      paragraph(
        `The pack ${pack.name} has changed since (then ${policySetHash.slice(0, 12)}, now ${pack.policySetHash.slice(0, 12)}): what follows is what it says now.`,
        '  ',
      ),
    ),
  );
}

const names: Record<Action, string> = { contain: 'Contain', release: 'Release', close: 'Close' };

function printExplanation({ action, ruling, nearMisses, turns, grounds }: Explanation, facts: Facts): void {
  const say = (text: string, indent = '  ') => console.log(paragraph(text, indent));
  console.log(`\n${pc.bold(names[action])}: ${rulingWords(ruling)}`);
  if (ruling.rules.length === 0) say('no rule permits it');
  for (const { id, reason } of ruling.rules) say(`${pc.cyan(id)}: ${reason}`);
  for (const { id, reason } of ruling.overruled ?? [])
    say(`would have been permitted by ${pc.cyan(id)}: ${reason}`);
  for (const { rule, missing } of nearMisses)
    console.log(pc.dim(paragraph(`nearly: ${rule.id} (${rule.effect}), but for: ${missing}`, '  ')));
  if (turns.length === 0) say('No change of up to three facts would have changed this.');
  for (const { rule, facts: behind } of grounds) {
    const words = Object.entries(behind).map(([fact, value]) => `${fact} is ${String(value)}`);
    say(`${rule.id} rests on: ${words.join(', ')}`, '    ');
  }
  const stops = turns.filter((turn) => isStop(turn, ruling));
  if (stops.length > 0) say(`Any one of these would have stopped it: ${stopWords(stops)}`);
  const others = turns.filter((turn) => !stops.includes(turn));
  if (others.length > 0) say('It would have been otherwise with');
  for (const words of turnWords(others, facts)) say(words, '    ');
}

/** One fact that would have shut what is open. There are dozens of them for a release. */
const isStop = ({ changes, ruling }: Turn, before: Turn['ruling']) =>
  before.effect === 'permit' && ruling.effect === 'deny' && steps(changes).length === 1;

/** Each fact with its value in words. Whether a number is known is part of the number. */
function steps(changes: Partial<Facts>): [fact: string, value: string][] {
  const numbers = Object.keys(changes).map(knownFactOf);
  return Object.entries(changes)
    .filter(([fact]) => !numbers.some((known) => known === fact))
    .map(([fact, value]) => [fact, valueWords(fact, value)]);
}

const valueWords = (fact: string, value: unknown) =>
  knownFactOf(fact) && value === unknownNumber ? 'unknown' : String(value);

/** `isVip yes or unknown`, each fact once. */
function stopWords(stops: readonly Turn[]): string {
  const values = new Map<string, string[]>();
  for (const [fact, value] of stops.flatMap(({ changes }) => steps(changes)))
    values.set(fact, [...(values.get(fact) ?? []), value]);
  return [...values].map(([fact, words]) => `${fact} ${words.join(' or ')}`).join(', ');
}

/** One line for each way to another ruling; values of one fact that come to the same share theirs. */
function turnWords(turns: readonly Turn[], facts: Facts): string[] {
  const alike = new Map<string, { values: string[]; line: (values: string) => string }>();
  for (const { changes, ruling } of turns) {
    const changed = steps(changes);
    const rules = ruling.rules.map(({ id }) => id).join(', ');
    const outcome = `${rulingWords(ruling)}${rules ? `, by ${rules}` : ''}`;
    const [[only = '', value = ''] = []] = changed;
    const told = ([fact, words]: readonly [string, string]) =>
      `${fact} ${words} (it is ${valueWords(fact, facts[fact as keyof Facts])})`;
    if (changed.length > 1) {
      const line = `${changed.map(told).join(' and ')}: ${outcome}`;
      alike.set(line, { values: [], line: () => line });
      continue;
    }
    const key = `${only}: ${outcome}`;
    const values = [...(alike.get(key)?.values ?? []), value];
    alike.set(key, { values, line: (words) => `${told([only, words])}: ${outcome}` });
  }
  return [...alike.values()].map(({ values, line }) => line(values.join(' or ')));
}
