import { actions, type Action, type Decision } from '@sallyport/evidence';
import { type Condition, type FactValue, holds } from './condition';
import { type FactName, type Facts, factNames } from './fact-docs';
import { classesOf, sizeOf, spaceOf } from './fact-space';
import { type Breach, covers, type Expected, invariantsFor } from './invariants';
import { expressionCondition, type ProvablePack, type ProvableRule, provableRulings } from './provable-pack';
import { type Rule } from './rule';
import { rulingFrom } from './rulings';
import { findPoint, outlookOf, searchOrder, type Settled, type Walk } from './search';
import { type NamedFacts, smallest } from './smallest';
import { hasOrder, tightenings } from './tightening';

export interface Counterexample {
  /** The base that it starts from, and what is different about it. */
  base: string;
  changes: Partial<Facts>;
  facts: Facts;
  rulings: Decision['rulings'];
  /** What the invariant asks for there. */
  instead: Expected;
}

export interface Proof {
  id: string;
  says: string;
  /** Branches of the space that were looked at. */
  visits: number;
  /** null: the invariant holds for every point of the space. */
  counterexample: Counterexample | null;
}

export interface Proofs {
  /** Points of the space of all facts. */
  points: bigint;
  proofs: Proof[];
}

/**
 * Proves the invariants of the pack for every combination of facts, also those that no evidence gives. `bases` are
 * complete sets of facts, such as those of the tables, from which counterexamples are told.
 *
 * @throws SearchTooLarge
 */
export function prove(pack: ProvablePack, bases: readonly NamedFacts[]): Proofs {
  const questions = questionsAbout(pack);
  const space = spaceFor(pack, questions);
  return { points: sizeOf(space), proofs: questions.map((question) => answer(question, pack, bases, space)) };
}

/** Branches that {@link brokenInvariants} looks at in all. The shipped packs need fewer than 50,000, in half a second. */
const maxVisitsAtLoad = 200_000;

/**
 * The invariants that the pack breaks, without the cases that show it: for a service that must know before it decides.
 *
 * @throws SearchTooLarge, sooner than {@link prove}: a service cannot wait
 */
export function brokenInvariants(pack: ProvablePack): Pick<Proof, 'id' | 'says'>[] {
  const questions = questionsAbout(pack);
  const space = spaceFor(pack, questions);
  let left = maxVisitsAtLoad;
  return questions.filter((question) => {
    const { point, visits } = findPoint(walkOf(question, space), left);
    left -= visits;
    return point !== null;
  });
}

/** Something that must not be found anywhere in the space. */
interface Question {
  instead: Expected;
  id: string;
  says: string;
  asked: readonly Condition[];
  /** A fact to settle before all others, every value by itself: which one of a class is looked at makes a difference. */
  stepped: FactName | null;
  rules: readonly ProvableRule[];
  isPossible(settled: Settled): boolean;
  isFound(settled: Settled): boolean;
}

type Space = ReadonlyMap<FactName, readonly FactValue[]>;

const questionsAbout = (pack: ProvablePack) => [...invariantQuestions(pack), ...monotonyQuestions(pack)];

const spaceFor = (pack: ProvablePack, questions: readonly Question[]): Space =>
  spaceOf([...pack.rules.map(({ condition }) => condition), ...questions.flatMap(({ asked }) => asked)]);

function walkOf(question: Question, space: Space): Walk {
  const { asked, rules, stepped } = question;
  const classes = new Map(classesOf([...rules.map(({ condition }) => condition), ...asked], space));
  const order = searchOrder(asked, rules);
  if (stepped && classes.has(stepped))
    classes.set(
      stepped,
      (space.get(stepped) ?? []).map((value) => [value]),
    );
  return {
    classes,
    order: stepped ? [...new Set([stepped, ...order])] : order,
    isPossible: (settled) => question.isPossible(settled),
    isFound: (settled) => question.isFound(settled),
  };
}

function answer(question: Question, pack: ProvablePack, bases: readonly NamedFacts[], space: Space): Proof {
  const { id, says } = question;
  const walk = walkOf(question, space);
  const { classes, order } = walk;
  const { point, visits } = findPoint(walk);
  if (!point) return { id, says, visits, counterexample: null };
  const breaks = (facts: Facts) => question.isFound(new Map(order.map((fact) => [fact, facts[fact]])));
  const found = smallest(point, breaks, bases, classes);
  return {
    id,
    says,
    visits,
    counterexample: { ...found, rulings: provableRulings(found.facts, pack), instead: question.instead },
  };
}

function invariantQuestions(pack: ProvablePack): Question[] {
  return invariantsFor(pack.name).map(({ id, says, when, breach }) => {
    const condition = expressionCondition(when);
    const rules = rulesAbout(pack, breach.actions);
    const applies = (settled: Settled) => holds(condition, (fact) => settled.get(fact));
    return {
      id,
      says,
      instead: breach.instead,
      asked: [condition],
      stepped: null,
      rules,
      isPossible: (settled) => applies(settled) !== false && breach.isPossible(outlookOf(rules, settled)),
      isFound: (settled) => applies(settled) === true && isBreach(breach, firedAt(rules, settled)),
    };
  });
}

/** One question for each fact and loosening action: does a step for the worse open what was shut, or ask fewer people? */
function monotonyQuestions(pack: ProvablePack): Question[] {
  return (['release', 'close'] as const).flatMap((action) =>
    factNames.flatMap((fact) => (hasOrder(fact) ? [monotonyQuestion(pack, action, fact)] : [])),
  );
}

function monotonyQuestion(pack: ProvablePack, action: Action, fact: FactName): Question {
  const rules = rulesAbout(pack, [action]);
  const values = spaceOf(rules.map(({ condition }) => condition)).get(fact) ?? [];
  const steps = tightenings(fact, values);
  /** The safer neighbours of a point: the same with the fact one step better. */
  const safer = (settled: Settled) =>
    steps
      .filter(([, after]) => after === settled.get(fact))
      .map(([before]) => new Map(settled).set(fact, before));
  return {
    id: `monotone-${action}-${fact}`,
    instead: { action, effect: 'deny' },
    says: `Where ${fact} is worse or less certain, nothing more is ${action === 'release' ? 'released' : 'closed'} and nobody less is asked.`,
    asked: [],
    // Rules may not tell `none` or -1, which have no safer neighbour, from a value that has one.
    stepped: steps.length > 0 ? fact : null,
    rules,
    isPossible: (settled) =>
      steps.length > 0 &&
      outlookOf(rules, settled).mayPermit(action) &&
      (!settled.has(fact) || safer(settled).length > 0),
    isFound: (settled) => {
      const worse = rulingsAt(rules, settled)[action];
      if (worse.effect === 'deny') return false;
      return safer(settled).some((point) => {
        const better = rulingsAt(rules, point)[action];
        return better.effect === 'deny' || !covers(worse.quorum, better.quorum);
      });
    },
  };
}

const rulesAbout = ({ rules }: ProvablePack, about: readonly Action[]) =>
  rules.filter(({ rule }) => rule.actions.some((action) => about.includes(action)));

const isBreach = ({ isFound }: Breach, fired: readonly Rule[]) => isFound(rulingsOf(fired), fired);

function firedAt(rules: readonly ProvableRule[], settled: Settled): Rule[] {
  const valueOf = (fact: FactName) => settled.get(fact);
  return rules.filter(({ condition }) => holds(condition, valueOf) === true).map(({ rule }) => rule);
}

const rulingsAt = (rules: readonly ProvableRule[], settled: Settled) => rulingsOf(firedAt(rules, settled));

function rulingsOf(fired: readonly Rule[]): Decision['rulings'] {
  const [contain, release, close] = actions.map((action) => rulingFrom(action, fired));
  return { contain: contain!, release: release!, close: close! };
}
