import { join } from 'node:path';
import { type Action, type CaseEvent } from '@sallyport/evidence';
import { decide, explain, type Explanation, type Facts, type Pack, type Turn } from '@sallyport/policy';
import pc from 'picocolors';
import { decisionsOf, soundEvents, withCaseLog } from './policy-cases';
import { policiesDir, provableIn, readPolicyFolder } from './policy-folder';
import { rulingWords } from './policy-test';

/** `sallyport policy explain CASE`: why a case was decided as it was, and what would have changed it. */
export function policyExplain(caseId: string, options: { pack?: string }): Promise<number> {
  return withCaseLog('policy explain', async (log) => {
    const events = await soundEvents(log, caseId);
    const recorded = decisionsOf(caseId, events).at(-1);
    if (!recorded) {
      console.error(
        events.length > 0 ? `${caseId} was not decided yet.` : `There is no case ${caseId} in this log.`,
      );
      return 1;
    }
    const { decision, ticketNumber, at, evidence } = recorded;
    const folder = readPolicyFolder(options.pack ?? join(policiesDir, decision.pack));
    console.log(
      `${caseId}, ticket ${ticketNumber}, decided at ${at} by ${decision.pack}: ${decision.course}`,
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
      `  The pack ${pack.name} has changed since (then ${policySetHash.slice(0, 12)}, now ${pack.policySetHash.slice(0, 12)}): what follows is what it says now.`,
    ),
  );
}

const names: Record<Action, string> = { contain: 'Contain', release: 'Release', close: 'Close' };

function printExplanation({ action, ruling, nearMisses, turns, grounds }: Explanation, facts: Facts): void {
  console.log(`\n${pc.bold(names[action])}: ${rulingWords(ruling)}`);
  if (ruling.rules.length === 0) console.log('  no rule permits it');
  for (const { id, reason } of ruling.rules) console.log(`  ${pc.cyan(id)}: ${reason}`);
  for (const { id, reason } of ruling.overruled ?? [])
    console.log(`  would have been permitted by ${pc.cyan(id)}: ${reason}`);
  for (const { rule, missing } of nearMisses)
    console.log(pc.dim(`  nearly: ${rule.id} (${rule.effect}), but for: ${missing}`));
  if (turns.length === 0) console.log('  No change of up to three facts would have changed this.');
  for (const { rule, facts: behind } of grounds) {
    const words = Object.entries(behind).map(([fact, value]) => `${fact} is ${String(value)}`);
    console.log(`    ${rule.id} rests on: ${words.join(', ')}`);
  }
  const stops = turns.filter((turn) => isStop(turn, ruling));
  if (stops.length > 0) console.log(`  Any one of these would have stopped it: ${stopWords(stops)}`);
  const others = turns.filter((turn) => !stops.includes(turn));
  if (others.length > 0) console.log('  It would have been otherwise with');
  for (const turn of others) console.log(`    ${turnWords(turn, facts)}`);
}

/** One fact that would have shut what is open. There are dozens of them for a release. */
const isStop = ({ changes, ruling }: Turn, before: Turn['ruling']) =>
  before.effect === 'permit' && ruling.effect === 'deny' && Object.keys(changes).length === 1;

/** `isVip yes or unknown`, each fact once. */
function stopWords(stops: readonly Turn[]): string {
  const values = new Map<string, string[]>();
  for (const [fact, value] of stops.flatMap(({ changes }) => Object.entries(changes)))
    values.set(fact, [...(values.get(fact) ?? []), String(value)]);
  return [...values].map(([fact, words]) => `${fact} ${words.join(' or ')}`).join(', ');
}

function turnWords({ changes, ruling }: Turn, facts: Facts): string {
  const steps = Object.entries(changes).map(
    ([fact, value]) => `${fact} ${String(value)} (it is ${String(facts[fact as keyof Facts])})`,
  );
  const rules = ruling.rules.map(({ id }) => id).join(', ');
  return `${steps.join(' and ')}: ${rulingWords(ruling)}${rules ? `, by ${rules}` : ''}`;
}
