import { words, type AdaptiveCard } from './adaptive-card';
import { bytesOf, cardMaxBytes } from './fit';
import { noticeCard } from './notice-card';
import { decidedCard, proposalCard } from './proposal-card';
import type { NoticeView, ProposalView } from './proposal-view';

const at = '2026-11-20T09:12:01.000Z';
const view = (text: (field: string) => string = (field) => field): ProposalView => ({
  cardId: `case-${'a'.repeat(32)}.${'b'.repeat(24)}`,
  ticketNumber: text('ticket'),
  subjectName: { untrusted: text('subject') },
  riskLevel: 'high',
  riskState: 'atRisk',
  detections: [{ kind: text('detection'), level: 'high', at }],
  lastSuccessfulSignIn: {
    at,
    country: text('country'),
    ip: text('ip'),
    device: { untrusted: text('device') },
    app: { untrusted: text('app') },
  },
  plan: {
    action: 'contain',
    steps: ['revokeSessions'],
    manual: [
      { kind: 'forcePasswordChange', reason: text('manual reason'), instruction: text('instruction') },
    ],
  },
  reasons: [text('policy reason')],
  unknowns: [text('unknown')],
  advice: {
    v: 1,
    author: { kind: 'model', name: text('model') },
    statements: [text('statement')],
    recommendation: text('recommendation'),
    openQuestions: [text('question')],
  },
  quorum: [{ role: 'secops', count: 2, have: [{ untrusted: text('voter') }] }],
  expiresAt: at,
  status: 'open',
  events: [text('event')],
});
const notice = (text: (field: string) => string = (field) => field): NoticeView => ({
  ticketNumber: text('ticket'),
  subjectName: { untrusted: text('subject') },
  reason: text('reason'),
  detail: text('detail'),
  checklist: [text('check')],
  at,
});

/** Every string of a card with the path to it. */
function strings(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  const type = 'type' in value ? `(${String(value.type)})` : '';
  return Object.entries(value).flatMap(([key, member]) => strings(member, `${path}${type}/${key}`));
}
const shown = (card: AdaptiveCard) =>
  strings(card)
    .filter(([path]) => path.endsWith('/text'))
    .map(([, text]) => text)
    .join('\n');

describe('what a proposal card says', () => {
  it('holds every part, our words beside their values', () => {
    const text = shown(proposalCard(view()));
    for (const part of [
      'Approval needed',
      'ticket',
      'subject',
      'high, atRisk',
      '2026-11-20 09:12 UTC',
      'Contain the account',
      '• Sign the user out everywhere (revoke sessions)',
      'manual reason. instruction',
      'SecOps on-call: 1 of 2 (voter)',
      'What is unknown',
      '• unknown',
      '• policy reason',
      '• detection, high, 2026-11-20 09:12 UTC',
      'country, ip, device, app',
      'Advice, not a decision',
      'Written by the model model; may be wrong',
      'recommendation',
      '• question',
      '• event',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('carries the card id and nothing else in its buttons, and a bounded comment', () => {
    const card = proposalCard(view());
    expect(card.actions?.map(({ verb, data }) => [verb, data])).toEqual([
      ['approve', { d: view().cardId }],
      ['deny', { d: view().cardId }],
    ]);
    expect(card.body.at(-1)).toMatchObject({ type: 'Input.Text', id: 'comment', maxLength: 500 });
    expect(card).toMatchObject({ type: 'AdaptiveCard', version: '1.5' });
  });

  it.each(['approved', 'denied', 'expired'] as const)('has nothing to click once it is %s', (status) => {
    for (const card of [decidedCard({ ...view(), status }), proposalCard({ ...view(), status })]) {
      expect(card.actions).toBeUndefined();
      expect(JSON.stringify(card)).not.toContain('Input.Text');
      expect(shown(card)).not.toMatch(/Open until|What Approve does/);
      expect(shown(card)).toContain('What was asked');
    }
  });

  it('has no empty sections', () => {
    const bare: ProposalView = {
      ...view(),
      unknowns: [],
      reasons: [],
      detections: [],
      quorum: [],
      events: [],
    };
    delete bare.lastSuccessfulSignIn;
    expect(shown(proposalCard(bare))).not.toMatch(/What is unknown|Detections|Last successful/);
  });
});

describe('text from outside', () => {
  const injections = [
    '**bold** [Approve here](https://evil.example) ![x](https://evil.example/p.png)',
    '<at>Security Lead</at> <img src=x onerror=alert(1)> &lt;b&gt;',
    '# Heading\n\n- item\r\n| a | b |\n{{DATE(2026-11-20T09:00:00Z)}} ${subject}',
    '\u202Etxet desrever\u202C \u200Bzero\u200Dwidth\u0000\u0007',
    '"}],"actions":[{"type":"Action.OpenUrl","url":"https://evil.example"}]',
  ];
  const cards = (text: (field: string) => string) => ({
    open: proposalCard(view(text)),
    decided: decidedCard({ ...view(text), status: 'approved' }),
    notice: noticeCard(notice(text)),
  });

  it.each(injections)('%j stands in TextRuns only, in every field', (injection) => {
    const marked = cards((field) => `«${field}» ${injection}`);
    for (const [name, card] of Object.entries(marked)) {
      const found = strings(card).filter(([, text]) => text.includes('«'));
      // Each field of the view must be found: a test that loses the text would prove nothing.
      expect(found.length).toBeGreaterThanOrEqual(name === 'notice' ? 5 : 13);
      for (const [path] of found) expect(path).toMatch(/\(RichTextBlock\)\/inlines\/\d+\(TextRun\)\/text$/);
    }
  });

  it.each(injections)('%j changes nothing else on the card', (injection) => {
    const shape = (card: AdaptiveCard) =>
      strings(card)
        .filter(([path]) => !path.endsWith('(TextRun)/text'))
        .map((entry) => entry.join('='));
    const plain = cards((field) => field);
    const hostile = cards(() => injection);
    for (const name of ['open', 'decided', 'notice'] as const) {
      expect(shape(hostile[name])).toEqual(shape(plain[name]));
      expect(shown(hostile[name])).not.toMatch(
        /[\u202A-\u202E\u2066-\u2069\u200B-\u200F\u0000-\u0009]|:\/\//,
      );
    }
  });
});

describe('size', () => {
  const worst = ['x', '"', '\\', '李', '👍', '\u202E', '\uD83D'];
  const many = <T>(row: T, count: number) => Array.from({ length: count }, () => row);
  it.each(worst)('stays under the limit with %j everywhere, and says what is left out', (character) => {
    const text = () => character.repeat(4_000);
    const full = view(text);
    const big: ProposalView = {
      ...full,
      detections: many(full.detections[0]!, 200),
      plan: { ...full.plan, manual: many(full.plan.manual[0]!, 10) },
      reasons: many(text(), 50),
      unknowns: many(text(), 50),
      advice: { ...full.advice, statements: many(text(), 50), openQuestions: many(text(), 50) },
      quorum: many({ ...full.quorum[0]!, have: many({ untrusted: text() }, 5) }, 4),
      events: many(text(), 50),
    };
    for (const card of [
      proposalCard(big),
      decidedCard({ ...big, status: 'denied' }),
      noticeCard({ ...notice(text), checklist: many(text(), 50) }),
    ]) {
      expect(bytesOf(card)).toBeLessThan(cardMaxBytes);
      expect(shown(card)).toMatch(/… and \d+ more, not shown here/);
      expect(shown(card)).toContain('…\n');
    }
    expect(proposalCard(big).actions).toHaveLength(2);
  });
});

it('own words are literals: a text with a value in it does not compile', () => {
  const value: string = 'x';
  // @ts-expect-error a string could hold anything
  words(value);
  // @ts-expect-error so could a template
  words(`Case ${value}`);
  expect(words('Case')).toBe('Case');
});
