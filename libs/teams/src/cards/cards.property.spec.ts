import fc from 'fast-check';
import type { AdaptiveCard } from './adaptive-card';
import { bytesOf, cardMaxBytes } from './fit';
import { markedAsCopy } from './marked-as-copy';
import { noticeCard } from './notice-card';
import { proposalCard } from './proposal-card';
import type { NoticeView, ProposalView } from './proposal-view';
import { resultCard, type ResultView } from './result-card';

const at = '2026-11-20T09:12:01.000Z';

/** Whatever people, attackers and models can write: any characters, and what clients would act on, up to 10 kB. */
const fragment = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom(
    '[Approve](https://evil.example)',
    '**bold** _it_ `code` # h\n- x',
    '<at>Security Lead</at><script>alert(1)</script>',
    '{{DATE(2026-11-20T09:00:00Z, LONG)}}{{TIME(2026-11-20T09:00:00Z)}}',
    '${$root}',
    '\u202Eevil\u202C\u2066\u200B\uFEFF',
    '"}],"actions":[{"type":"Action.Execute","verb":"approve"}]',
    'www.evil.example mailto:a@evil.example',
    'x'.repeat(10_000),
    '👍'.repeat(2_500),
    '\uD83D'.repeat(3_000),
  ),
);
const text = fc.array(fragment, { minLength: 0, maxLength: 6 }).map((parts) => parts.join(' '));
const rows = fc.array(text, { maxLength: 30 });
const untrusted = text.map((value) => ({ untrusted: value }));
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

const level = fc.constantFrom('none', 'low', 'medium', 'high', 'hidden', 'unknown') satisfies fc.Arbitrary<
  ProposalView['riskLevel']
>;
const signIn = fc.record({
  at: fc.constant(at),
  country: orNull(text),
  ip: orNull(text),
  device: orNull(untrusted),
  app: orNull(untrusted),
  knownDevice: orNull(fc.boolean()),
  knownNetwork: orNull(fc.boolean()),
  correlationId: orNull(text),
});
const views: fc.Arbitrary<ProposalView> = fc.record({
  cardId: fc.constant(`case-${'a'.repeat(32)}.${'b'.repeat(24)}`),
  ticketNumber: text,
  subjectName: untrusted,
  riskLevel: level,
  riskState: fc.constantFrom('atRisk', 'dismissed', 'unknown'),
  detections: fc.array(
    fc.record({
      kind: text,
      level,
      at: fc.constant(at),
      ip: orNull(text),
      country: orNull(text),
      correlationId: orNull(text),
    }),
    { maxLength: 20 },
  ),
  successfulSignIns: fc.record({ daysRead: fc.constant(7), before: orNull(signIn), newest: orNull(signIn) }),
  plan: fc.record({
    action: fc.constantFrom('contain', 'release'),
    steps: fc.constant(['revokeSessions', 'forcePasswordChange', 'dismissRisk', 'enableAccount'] as const),
    manual: fc.array(
      fc.record({ kind: fc.constant('enableAccount' as const), reason: text, instruction: text }),
      { maxLength: 4 },
    ),
  }),
  reasons: rows,
  unknowns: rows,
  advice: fc.record({
    v: fc.constant(1 as const),
    author: fc.record({ kind: fc.constant('model' as const), name: text }),
    statements: rows,
    recommendation: text,
    openQuestions: rows,
    notes: rows,
  }),
  quorum: fc.array(
    fc.record({
      role: fc.constantFrom('secops', 'manager', 'identityOps', 'securityLead'),
      count: fc.integer({ min: 1, max: 5 }),
      have: fc.array(untrusted, { maxLength: 5 }),
    }),
    { maxLength: 4 },
  ),
  expiresAt: fc.constant(at),
  drawnAt: fc.constant('2026-11-20T05:31:40.000Z'),
  status: fc.constantFrom('open', 'approved', 'denied', 'expired', 'withdrawn', 'replaced'),
  events: rows,
  consoleUrl: fc.constant('https://console.example/cases/x'),
});
const notices: fc.Arbitrary<NoticeView> = fc.record({
  ticketNumber: text,
  subjectName: orNull(untrusted),
  owner: untrusted,
  group: text,
  reason: text,
  detail: text,
  checklist: rows,
  at: fc.constant(at),
});

const seen: fc.Arbitrary<ProposalView> = fc
  .tuple(
    views,
    fc.oneof(
      fc.record({ kind: fc.constant('mayNotVote' as const), reason: text }),
      fc.record({ kind: fc.constant('voted' as const), choice: fc.constantFrom('approve', 'deny') }),
    ),
  )
  .map(([view, viewer]) => ({ ...view, viewer }));
const ended: fc.Arbitrary<NoticeView> = fc
  .tuple(notices, fc.record({ by: untrusted, how: text, at: text, note: untrusted }))
  .map(([notice, end]) => ({ ...notice, about: 'reviewEnded', ended: end }));
const results: fc.Arbitrary<ResultView> = fc.record({
  ticketNumber: text,
  subjectName: orNull(untrusted),
  action: fc.constantFrom('contain', 'release'),
  steps: fc.constant(['revokeSessions', 'forcePasswordChange', 'dismissRisk', 'enableAccount'] as const),
  watchedUntil: orNull(fc.constant(at)),
  unasked: fc.boolean(),
  consoleUrl: fc.constant('https://console.example/cases/x'),
});

/** The card with every TextRun emptied: what is left can only be ours. */
function skeletonOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(skeletonOf);
  if (typeof value !== 'object' || value === null) return value;
  const isRun = 'type' in value && value.type === 'TextRun';
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, isRun && key === 'text' ? '' : skeletonOf(member)]),
  );
}

function textRunsOf(card: AdaptiveCard): string[] {
  return card.body.flatMap((element) =>
    element.type === 'RichTextBlock' ? element.inlines.map((inline) => inline.text) : [],
  );
}

const hostile = /evil|alert|Security Lead|\$root|👍|xxxxx|\*\*bold/;
const live = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}]|:\/\/|\{\{|\bwww\./u;

it.each([
  ['a proposal card', views.map((view) => proposalCard(view))],
  ['a proposal card of a person', seen.map((view) => proposalCard(view))],
  ['a notice', notices.map((view) => noticeCard(view))],
  ['a notice of an end', ended.map((view) => noticeCard(view))],
  ['a result', results.map((view) => resultCard(view))],
])('whatever the texts hold, %s stays inert, well formed and under its size', (_name, cards) => {
  fc.assert(
    fc.property(cards, (card) => {
      expect(bytesOf(markedAsCopy(card))).toBeLessThan(cardMaxBytes);
      expect(JSON.stringify(skeletonOf(card))).not.toMatch(hostile);
      for (const run of textRunsOf(card)) {
        expect(run).not.toMatch(live);
        expect(run.isWellFormed()).toBe(true);
      }
      const executes = (card.actions ?? []).filter(({ type }) => type === 'Action.Execute');
      expect([0, 1, 2]).toContain(executes.length);
    }),
    { numRuns: 150 },
  );
});

it('a card of any length has room for the words of a second copy', () => {
  for (let length = 200; length <= 400; length += 1) {
    const said = '中'.repeat(length);
    const view: NoticeView = {
      ...{ ticketNumber: said, subjectName: { untrusted: said }, owner: { untrusted: said }, group: said },
      ...{ reason: said, detail: `${said}.`, checklist: Array.from({ length: 12 }, () => said), at },
    };
    expect(bytesOf(markedAsCopy(noticeCard(view)))).toBeLessThan(cardMaxBytes);
  }
});

it('the same view is the same card, so that an update that changes nothing can be left out', () => {
  fc.assert(
    fc.property(views, (view) => {
      expect(proposalCard(structuredClone(view))).toEqual(proposalCard(view));
    }),
    { numRuns: 30 },
  );
});
