import * as b from './evidence.builder';
import { factDocs } from './fact-docs';
import { factsFrom } from './facts';
import { loadPack } from './pack';
import { PackError, problemLine, type PackProblem } from './pack-problem';
import { rulingsFor } from './rulings';

const appliesTo = 'appliesTo { principal: [Automation], resource: [Case], context: { facts: Facts } }';
const schemaText = (facts: Record<string, string>) => `namespace Sallyport {
  entity Automation;
  entity Case;
  type Facts = {
${Object.entries(facts)
  .map(([name, type]) => `    ${name}: ${type},`)
  .join('\n')}
  };
  action contain, release, close ${appliesTo};
}`;
const facts = Object.fromEntries(Object.entries(factDocs).map(([name, { type }]) => [name, type]));
const goodSchema = schemaText(facts);

const contain = `// Häuser und Türen: two-byte letters before the rule shift Cedar's byte offsets.
@id("contain-high")
@reason("The risk is high.")
@immediate("true")
permit (principal, action == Sallyport::Action::"contain", resource)
when { context.facts.riskLevel == "high" };
`;
const release = (head: string, when = 'context.facts.isVip == "no"') =>
  `${head}\npermit (principal, action == Sallyport::Action::"release", resource)\nwhen { ${when} };\n`;
const named = '@id("r")\n@reason("because")\n';
const asked = `${named}@approvals("manager:1,secops:2")`;

function problemsOf(text: string, schema = goodSchema, name = 'containment-first'): readonly PackProblem[] {
  try {
    loadPack({ name, files: [{ path: 'p/rules.cedar', text }], schema: { path: 'p/schema', text: schema } });
  } catch (thrown) {
    if (thrown instanceof PackError) return thrown.problems;
    throw thrown;
  }
  return [];
}

const rulesRefused: Record<string, [text: string, line: number, message: RegExp, remedy: RegExp]> = {
  'bad syntax': [`${contain}permit (principal, action, resource) when { ; };`, 7, /syntax error/, /expected/],
  'a text without an end': [
    `${contain}${release(asked, 'context.facts.isVip == "no')}${contain}`,
    11,
    /text does not end on the line/,
    /both of its ends/,
  ],
  'an unknown fact': [
    `${contain}${release(asked, 'context.facts.isVipp == "no"')}`,
    11,
    /isVipp/,
    /did you mean/,
  ],
  'a fact of another type': [
    `${contain}${release(asked, 'context.facts.isVip == 1')}`,
    11,
    /not compatible/,
    /./,
  ],
  'a text that the fact never is': [
    `${contain}${release(asked, 'context.facts.isVip == "No"')}`,
    11,
    /isVip with "No"/,
    /yes, no, unknown/,
  ],
  'such a text on the left': [
    release(asked, '"No" != context.facts.isVip'),
    5,
    /isVip with "No"/,
    /yes, no, unknown/,
  ],
  'such a text in a list': [
    release(asked, '["low", "lwo"].contains(context.facts.riskLevel)'),
    5,
    /riskLevel with "lwo"/,
    /low/,
  ],
  'a rule that is never true': [
    `${contain}${release(asked, 'context.facts.isVip == "no" && false')}`,
    7,
    /impossible/,
    /./,
  ],
  'letters that look like others': [
    `${contain}${release(asked, 'context.facts.isVip == "nо"')}`,
    11,
    /isVip with/,
    /yes, no/,
  ],
  'a duplicate id': [`${contain}\n${contain}`, 9, /already used at p\/rules.cedar:2/, /its own @id/],
  'a missing id': [release('@reason("x")\n@approvals("secops:1")'), 1, /no usable @id/, /add @id/],
  'an id without value': [
    release('@id\n@reason("x")\n@approvals("secops:1")'),
    1,
    /no usable @id/,
    /add @id/,
  ],
  'a missing reason': [release('@id("r")\n@approvals("secops:1")'), 1, /no @reason/, /add @reason/],
  'a blank reason': [
    release('@id("r")\n@reason(" ")\n@approvals("secops:1")'),
    1,
    /no @reason/,
    /add @reason/,
  ],
  'a mistyped annotation': [
    release(`${asked}\n@aprovals("secops:1")`),
    4,
    /unknown annotation @aprovals/,
    /@approvals/,
  ],
  'an unknown role': [release(`${named}@approvals("ceo:1")`), 3, /not a quorum/, /secops, identityOps/],
  'a role twice': [release(`${named}@approvals("secops:1,secops:2")`), 3, /not a quorum/, /each once/],
  nobody: [release(`${named}@approvals("")`), 3, /not a quorum/, /role:count/],
  'too many people': [release(`${named}@approvals("secops:6")`), 3, /not a quorum/, /1 to 5/],
  'a release that asks nobody': [release(named), 1, /asks nobody/, /add @approvals/],
  'an immediate release': [release(`${named}@immediate("true")`), 3, /not containment/, /only containment/],
  'containment that does not say who waits': [
    `${named}permit (principal, action == Sallyport::Action::"contain", resource);`,
    1,
    /neither/,
    /@immediate/,
  ],
  'contradictory annotations': [
    `${asked}@immediate("true")\npermit (principal, action == Sallyport::Action::"contain", resource);`,
    3,
    /contradict/,
    /keep one/,
  ],
  'another value of immediate': [
    `${named}@immediate("yes")\npermit (principal, action == Sallyport::Action::"contain", resource);`,
    3,
    /no meaning/,
    /"true"/,
  ],
  'a question about the action in a condition': [
    release(asked, 'context.facts.isVip == "no" && action == Sallyport::Action::"release"'),
    1,
    /asks about the action/,
    /head of the rule/,
  ],
  'a head that names a principal': [
    `${named}forbid (principal == Sallyport::Automation::"other", action == Sallyport::Action::"release", resource) when { context.facts.isVip == "yes" };`,
    1,
    /principal or the resource/,
    /ask about facts/,
  ],
  'a head that names a kind of resource': [
    `${named}forbid (principal, action == Sallyport::Action::"release", resource is Sallyport::Case) when { context.facts.isVip == "yes" };`,
    1,
    /principal or the resource/,
    /ask about facts/,
  ],
  'a condition about the case itself': [
    release(asked, 'context.facts.isVip == "no" && resource == Sallyport::Case::"x"'),
    1,
    /principal or the resource/,
    /ask about facts/,
  ],
  'a question whether the facts are handed over as letters': [
    release(asked, 'context has letters || context.facts.isVip == "yes"'),
    5,
    /context as a whole, or names an entity/,
    /context\.facts\.isVip/,
  ],
  'letters read behind such a question': [
    release(asked, 'if context has letters then context.letters like "*" else context.facts.isVip == "no"'),
    5,
    /context as a whole, or names an entity/,
    /context\.facts\.isVip/,
  ],
  'a comparison with the whole context': [
    release(asked, 'context == {facts: context.facts} && context.facts.isVip == "no"'),
    5,
    /context as a whole, or names an entity/,
    /context\.facts\.isVip/,
  ],
  'the whole context in a set': [
    release(asked, '[{facts: context.facts}].contains(context) && context.facts.isVip == "no"'),
    5,
    /context as a whole, or names an entity/,
    /context\.facts\.isVip/,
  ],
  'the whole context within a record': [
    release(asked, '{all: context}.all.facts.isVip == "no"'),
    5,
    /context as a whole, or names an entity/,
    /context\.facts\.isVip/,
  ],
  'an entity that a schema may put into another': [
    release(
      asked,
      'Sallyport::Action::"release" in Sallyport::Action::"release" && context.facts.isVip == "no"',
    ),
    5,
    /context as a whole, or names an entity/,
    /context\.facts\.isVip/,
  ],
  'a number that counts although it is not known': [
    release(asked, 'context.facts.isVip == "no" && context.facts.usedDeviceEnrolledHours < 24'),
    5,
    /depends on usedDeviceEnrolledHours/,
    /usedDeviceEnrolledKnown && /,
  ],
  'a forbid that an unknown number would switch off': [
    `${named}forbid (principal, action == Sallyport::Action::"release", resource) when { context.facts.campaignUsers >= 10 };`,
    3,
    /depends on campaignUsers/,
    /!context\.facts\.campaignKnown \|\| /,
  ],
  'a guard on the wrong side of an "or"': [
    release(asked, 'context.facts.usedDeviceEnrolledKnown || context.facts.usedDeviceEnrolledHours < 24'),
    5,
    /depends on usedDeviceEnrolledHours/,
    /./,
  ],
  'a guard for another number': [
    release(asked, 'context.facts.newDeviceEnrolledKnown && context.facts.usedDeviceEnrolledHours < 24'),
    5,
    /depends on usedDeviceEnrolledHours/,
    /./,
  ],
  'arithmetic on a number that may not be known': [
    release(asked, 'context.facts.evidenceAgeMinutes + 1 > 60'),
    5,
    /depends on evidenceAgeMinutes/,
    /./,
  ],
  'a number that JSON rounds': [
    release(asked, 'context.facts.evidenceAgeMinutes < 9007199254740993'),
    1,
    /too large/,
    /whole numbers up to 9007199254740991/,
  ],
  'another value of review': [
    `${named}@immediate("true")@review("yes")\npermit (principal, action == Sallyport::Action::"contain", resource);`,
    3,
    /@review\("yes"\) has no meaning/,
    /@review\("true"\)/,
  ],
  'a review without a value': [
    `${named}@immediate("true")@review\npermit (principal, action == Sallyport::Action::"contain", resource);`,
    3,
    /@review has no value/,
    /@review\("…"\)/,
  ],
  'a release that is reviewed afterwards': [
    release(`${asked}@review("true")`),
    3,
    /@review stands on a rule that is not a permit for containment/,
    /remove it/,
  ],
  'a forbid that is reviewed afterwards': [
    `${named}@review("true")\nforbid (principal, action == Sallyport::Action::"contain", resource);`,
    3,
    /not a permit for containment/,
    /waits for a person anyway/,
  ],
  'a forbid with obligations': [
    `${asked}forbid (principal, action == Sallyport::Action::"release", resource);`,
    1,
    /forbid carries/,
    /remove/,
  ],
  'a call to a role that is not on call': [
    `${named}@page("manager")\nforbid (principal, action == Sallyport::Action::"release", resource);`,
    3,
    /@page\("manager"\) calls nobody/,
    /securityLead/,
  ],
  'a call without a role': [
    `${named}@page\nforbid (principal, action == Sallyport::Action::"release", resource);`,
    3,
    /@page has no value/,
    /@page\("…"\)/,
  ],
  'a call where an action may go ahead': [
    `${named}@page("securityLead")\nforbid (principal, action in [Sallyport::Action::"contain", Sallyport::Action::"release"], resource);`,
    3,
    /@page stands on a rule that does not forbid everything/,
    /contain, release, close/,
  ],
  'a permit that calls people': [
    release(`${asked}@page("securityLead")`),
    1,
    /permit calls people/,
    /on a forbid/,
  ],
  'another value of group': [
    `${named}@group("wave")\nforbid (principal, action == Sallyport::Action::"release", resource);`,
    3,
    /@group\("wave"\) has no meaning/,
    /@group\("campaign"\)/,
  ],
  'a permit that makes a group case': [
    release(`${asked}@group("campaign")`),
    1,
    /permit calls people or makes a group/,
    /on a forbid/,
  ],
  'a group of which each could be released': [
    `${named}@group("campaign")\nforbid (principal, action == Sallyport::Action::"contain", resource);`,
    3,
    /does not forbid release/,
    /add release/,
  ],
  'closing with approvals': [
    `${asked}permit (principal, action == Sallyport::Action::"close", resource);`,
    3,
    /permit to close/,
    /remove/,
  ],
  'a permit of two actions': [
    `${asked}permit (principal, action in [Sallyport::Action::"release", Sallyport::Action::"contain"], resource);`,
    1,
    /several actions/,
    /one permit/,
  ],
  'a rule for whatever action': [
    `${named}forbid (principal, action, resource);`,
    1,
    /does not name its actions/,
    /contain, release, close/,
  ],
  'an action that we do not have': [
    `${named}forbid (principal, action == Sallyport::Action::"delete", resource);`,
    1,
    /does not name its actions/,
    /./,
  ],
  'a template': [
    `${named}forbid (principal == ?principal, action == Sallyport::Action::"release", resource);`,
    1,
    /template/,
    /without \?principal/,
  ],
  'brackets without end': [
    `${contain}${release(asked, `${'('.repeat(40)}context.facts.isVip == "no"${')'.repeat(40)}`)}`,
    11,
    /more than 32 deep/,
    /plainer/,
  ],
  'brackets without end behind a comment that a carriage return ends': [
    `// (\r${release(asked, `${'['.repeat(40)}${']'.repeat(40)} == []`)}`,
    5,
    /more than 32 deep/,
    /plainer/,
  ],
  'a chain of operators without end': [
    release(
      asked,
      Array<string>(20)
        .fill(`context.facts.${'x'.repeat(200)}`)
        .join('||'),
    ),
    5,
    /longer than 4000/,
    /several rules/,
  ],
  'a chain of short operators': [
    release(asked, `${Array<string>(1_900).fill('1').join('+')} == 1`),
    5,
    /more than 800 words and signs/,
    /several rules/,
  ],
  'many conditions in one rule': [
    release(asked, Array<string>(90).fill('context.facts.campaignKnown').join('&&')),
    1,
    /nested too deeply/,
    /several rules/,
  ],
  'a reason without end': [
    release(`@id("r")\n@reason("${'x'.repeat(501)}")\n@approvals("secops:1")`),
    2,
    /longer than 500/,
    /one plain line/,
  ],
  'a reason in which a text is hidden': [
    release('@id("r")\n@reason("all\u{E0103} is well\u3164")\n@approvals("secops:1")'),
    2,
    /letters that are not seen/,
    /one plain line/,
  ],
  'a reason that reads otherwise than it is written': [
    release('@id("r")\n@reason("\u{202e}esaeler reven")\n@approvals("secops:1")'),
    2,
    /letters that are not seen/,
    /one plain line/,
  ],
  'a text that another fact above may be': [
    release(asked, 'context.facts.isVip == "yes" &&\n  context.facts.requesterRelation == "yes"'),
    6,
    /requesterRelation with "yes"/,
    /./,
  ],
  'a text that the same fact above is not compared with': [
    release(asked, 'context.facts.isVip != "no" || // not "No"\n  context.facts.isVip == "No"'),
    6,
    /isVip with "No"/,
    /yes, no, unknown/,
  ],
  'such a text on the line below its fact': [
    release(asked, 'context.facts.isGuest == "no" &&\n  context.facts.requesterRelation ==\n    "no"'),
    6,
    /requesterRelation with "no"/,
    /./,
  ],
  'a number that is compared with a text below one that may be': [
    release(
      asked,
      'context.facts.campaignKnown && context.facts.campaignUsers < 3 &&\n  context.facts.campaignUsers == "3"',
    ),
    6,
    /campaignUsers with "3"/,
    /./,
  ],
  'a number that is guarded on one line and not on the next': [
    release(
      asked,
      '(context.facts.usedDeviceEnrolledKnown && context.facts.usedDeviceEnrolledHours < 24) ||\n  context.facts.usedDeviceEnrolledHours >= 3',
    ),
    6,
    /depends on usedDeviceEnrolledHours/,
    /usedDeviceEnrolledKnown && /,
  ],
  'a mistyped annotation below the right one': [
    release(`${asked}\n@approval("x")`),
    4,
    /unknown annotation @approval$/,
    /@approvals/,
  ],
  'an annotation of which the reason speaks': [
    `@id("r")\n// No @page here.\n@reason("never @page anybody")\n@page("manager")\nforbid (principal, action == Sallyport::Action::"release", resource);`,
    4,
    /@page\("manager"\) calls nobody/,
    /securityLead/,
  ],
  'the context below its facts': [
    release(asked, 'context.facts.isVip == "no" &&\n  context has letters'),
    6,
    /context as a whole, or names an entity/,
    /context\.facts\.isVip/,
  ],
  'approvals without a value': [release(`${named}@approvals`), 3, /@approvals has no value/, /leave it out/],
  'no rules at all': ['// nothing yet', 1, /0 usable rules/, /1 to/],
  'a file too long to review': [`// ${'x'.repeat(200_000)}`, 1, /longer than/, /split/],
};

describe('a pack', () => {
  test.each([
    'context.facts.usedDeviceEnrolledKnown && context.facts.usedDeviceEnrolledHours < 24',
    '!context.facts.usedDeviceEnrolledKnown || context.facts.usedDeviceEnrolledHours < 24',
    'context.facts.isVip == "no" && !(!context.facts.usedDeviceEnrolledKnown || context.facts.usedDeviceEnrolledHours >= 24)',
    'if context.facts.usedDeviceEnrolledKnown then context.facts.usedDeviceEnrolledHours < 24 else context.facts.isVip == "no"',
  ])('that asks first whether a number is known is accepted: %s', (when) => {
    expect(problemsOf(release(asked, when))).toEqual([]);
  });

  test('that is refused for its depth leaves the engine as it was', () => {
    for (const body of [`${'('.repeat(2_000)}true`, Array<string>(1_900).fill('1').join('+')])
      expect(problemsOf(release(asked, body))).not.toEqual([]);
    const deepSchema = goodSchema.replace(
      'isVip: String',
      `isVip: ${'Set<'.repeat(500)}String${'>'.repeat(500)}`,
    );
    expect(problemsOf(contain, deepSchema)).toEqual([
      expect.objectContaining({ path: 'p/schema', message: expect.stringMatching(/more than 32 deep/) }),
    ]);
    expect(problemsOf(contain)).toEqual([]);
  });

  test('is refused for types that double with each other, before the engine multiplies them', () => {
    const chain = Array.from({ length: 30 }, (_, at) => `type t${at}={a:t${at + 1},b:t${at + 1}};`).join('');
    const doubling = goodSchema.replace('type Facts', `${chain}type t30=String; type Facts`);
    expect(problemsOf(contain, doubling)).toEqual([
      expect.objectContaining({ path: 'p/schema', message: expect.stringMatching(/more than one type/) }),
    ]);
  });

  test.each<[string, readonly string[]]>([
    ['context.facts.isVip == "no"', []],
    ['context.facts.isVip == context.facts.isGuest && context.facts.campaignKnown', ['isGuest', 'isVip']],
    ['context.facts.campaignKnown && context.facts.campaignUsers < 3', ['campaignUsers']],
    ['context.facts has isVip && context.facts.isVip == "no"', Object.keys(factDocs)],
    ['[context.facts].contains(context.facts) && context.facts.isVip == "no"', Object.keys(factDocs)],
  ])('shows the engine what its rules ask for, and everything where they look at more: %s', (when, shown) => {
    const text = release(asked, when);
    const { askedFacts } = loadPack({
      name: 'containment-first',
      files: [{ path: 'p/rules.cedar', text }],
      schema: { path: 'p/schema', text: goodSchema },
    });
    expect([...askedFacts].sort()).toEqual([...shown].sort());
  });

  test('may be as deep as the bound allows, with the longest comparison at the bottom', () => {
    const deepest = ['"atRisk"', ...factDocs.riskState.values.map((value) => `"${value}"`)];
    const chain = (length: number) =>
      [`[${deepest.join()}].contains(context.facts.riskState)`, ...Array<string>(length).fill('true')].join(
        ' && ',
      );
    const accepted = (length: number) => problemsOf(release(asked, chain(length))).length === 0;
    const longest = Array.from({ length: 60 }, (_none, length) => length).findLast(accepted);
    expect(longest).toBeGreaterThan(40);
    expect(problemsOf(release(asked, chain(longest! + 1)))).toEqual([
      expect.objectContaining({ message: expect.stringMatching(/nested too deeply/) }),
      expect.anything(),
    ]);
  });

  test('may say in comments and texts what it likes', () => {
    expect(
      problemsOf(
        `// ${'('.repeat(100)} "\n${contain.replace('The risk is high.', `((${'('.repeat(60)}; //`)}`,
      ),
    ).toEqual([]);
  });

  test('may have a record with an attribute of any name', () => {
    expect(problemsOf(release(asked, '{"__entity": context.facts.isVip}["__entity"] == "no"'))).toEqual([]);
  });

  test('that is right is accepted', () => {
    expect(problemsOf(`${contain}${release(asked)}`)).toEqual([]);
  });

  test.each(Object.entries(rulesRefused))('with %s is refused', (_name, [text, line, message, remedy]) => {
    const problem = problemsOf(text).find((found) => message.test(found.message));
    expect(problem).toMatchObject({ path: expect.stringMatching(/^p\//), line });
    expect(problem?.remedy).toMatch(remedy);
  });

  test('may release unasked only under the one name that is known for it', () => {
    expect(problemsOf(release(named), goodSchema, 'auto-low-risk')).toEqual([]);
    expect(problemsOf(release(named), goodSchema, 'my-auto-low-risk')).toHaveLength(1);
  });

  test('tells an unknown fact once, whatever actions the rule is about, and where all facts are told', () => {
    const text = `${named}forbid (principal, action in [Sallyport::Action::"contain", Sallyport::Action::"release"], resource)\nwhen { context.facts.isVipp != "no" };`;
    const problems = problemsOf(text);
    expect(problems).toEqual([expect.objectContaining({ line: 4 })]);
    expect(problemLine(problems[0]!)).toMatch(
      /`facts\.isVipp` not found\. Remedy: did you mean `isVip`\? All facts are in docs\/reference\/facts\.md\.$/,
    );
  });

  test('reports every problem at once, and its text names file, line and remedy', () => {
    const text = `${release(named)}\n${release('@id("s")\n@approvals("ceo:1")')}`;
    expect(problemsOf(text).length).toBeGreaterThanOrEqual(3);
    const load = () =>
      loadPack({ name: 'x', files: [{ path: 'p/a.cedar', text }], schema: { path: 's', text: goodSchema } });
    expect(load).toThrow(/p\/a\.cedar:1: a permit for release asks nobody\. Remedy: add @approvals/);
  });

  test('finds the same id in two files', () => {
    const files = ['a', 'b'].map((name) => ({ path: `p/${name}.cedar`, text: contain }));
    const load = () => loadPack({ name: 'x', files, schema: { path: 's', text: goodSchema } });
    expect(load).toThrow(/p\/b\.cedar:2: @id\("contain-high"\) is already used at p\/a\.cedar:2/);
  });

  test.each<[string, string, RegExp]>([
    ['with bad syntax', 'namespace Sallyport {', /unexpected end/],
    ['with a type that does not exist', goodSchema.replace('isVip: String', 'isVip: Answer'), /Answer/],
    [
      'that lacks a fact',
      schemaText(Object.fromEntries(Object.entries(facts).slice(1))),
      /subjectResolved is missing/,
    ],
    ['with a fact that nobody makes', schemaText({ ...facts, mood: 'String' }), /there is no fact mood/],
    ['with a fact whose name is no word', schemaText({ ...facts, '"a("': 'String' }), /there is no fact a\(/],
    ['with a fact of another type', schemaText({ ...facts, isVip: 'Bool' }), /isVip has another type/],
    [
      'with an optional fact',
      goodSchema.replace('isVip: String', 'isVip?: String'),
      /isVip has another type/,
    ],
    [
      'in which an action is in another',
      `${goodSchema.replace('contain, release', 'release').slice(0, -1)} action contain in [release] ${appliesTo};}`,
      /the action contain is in another/,
    ],
    [
      'in which an action is in another by way of a third',
      `${goodSchema.replace('contain, release', 'release').slice(0, -1)} action all in [release]; action contain in [all] ${appliesTo};}`,
      /the action contain is in another/,
    ],
    [
      'with a context of more than facts',
      goodSchema.replace('facts: Facts }', 'facts: Facts, letters: String }'),
      /the context of contain, release, close is not the facts/,
    ],
    [
      'with a context that may lack the facts',
      goodSchema.replace('facts: Facts }', 'facts?: Facts }'),
      /the context of contain, release, close is not the facts/,
    ],
    ['that lacks an action', goodSchema.replace(', close', ''), /the context of close is not the facts/],
  ])('is refused for a schema %s', (_name, schema, message) => {
    expect(problemsOf(contain, schema).map((problem) => problem.message)).toEqual(
      expect.arrayContaining([expect.stringMatching(message)]),
    );
  });

  test('is told the line on which its schema puts an action into another', () => {
    const schema = goodSchema.replace(
      'contain, release, close',
      `release, close ${appliesTo};\n  action contain in [release]`,
    );
    const line = schema.split('\n').length - 1;
    expect(problemsOf(contain, schema)).toEqual([expect.objectContaining({ path: 'p/schema', line })]);
  });

  test('that is refused leaves the pack of the same name that runs in force', () => {
    const load = (text: string) =>
      loadPack({
        name: 'containment-first',
        files: [{ path: 'p/a.cedar', text }],
        schema: { path: 's', text: goodSchema },
      });
    const running = load(contain);
    const high = { ...factsFrom(b.evidence(), b.now), riskLevel: 'high' as const };
    const before = rulingsFor(high, running);
    expect(before.rulings.contain.effect).toBe('permit');
    for (const text of ['permit (', release(named), contain.replace('"high" }', '"higher" }')])
      expect(() => load(text)).toThrow(PackError);
    expect(rulingsFor(high, running)).toEqual(before);
  });

  test('has a hash of its name, paths and texts, whatever the order of files', () => {
    const source = (changes: object = {}) => ({
      name: 'containment-first',
      files: [
        { path: 'p/a.cedar', text: contain },
        { path: 'p/b.cedar', text: release(asked) },
      ],
      schema: { path: 's', text: goodSchema },
      ...changes,
    });
    const { policySetHash } = loadPack(source());
    expect(loadPack(source({ files: [...source().files].reverse() })).policySetHash).toBe(policySetHash);
    const others = [
      source({ name: 'other' }),
      source({ schema: { path: 's', text: `${goodSchema}\n` } }),
      source({ files: [{ path: 'p/a.cedar', text: `${contain}\n` }, source().files[1]!] }),
      source({ files: [{ path: 'p/c.cedar', text: contain }, source().files[1]!] }),
    ];
    for (const other of others) expect(loadPack(other).policySetHash).not.toBe(policySetHash);
  });
});
