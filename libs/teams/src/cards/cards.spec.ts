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
  detections: [
    {
      kind: text('detection'),
      level: 'high',
      at,
      ip: text('detection ip'),
      country: text('detection country'),
      correlationId: text('detection correlation'),
    },
  ],
  successfulSignIns: {
    daysRead: 7,
    before: null,
    newest: {
      at,
      country: text('country'),
      ip: text('ip'),
      device: { untrusted: text('device') },
      app: { untrusted: text('app') },
      knownDevice: true,
      knownNetwork: false,
      correlationId: text('sign-in correlation'),
    },
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
    notes: [text('note')],
  },
  quorum: [{ role: 'secops', count: 2, have: [{ untrusted: text('voter') }] }],
  expiresAt: at,
  drawnAt: '2026-11-20T05:31:40.000Z',
  status: 'open',
  events: [text('event')],
  consoleUrl: 'https://console.example/cases/case-1',
});
const notice = (text: (field: string) => string = (field) => field): NoticeView => ({
  ticketNumber: text('ticket'),
  subjectName: { untrusted: text('subject') },
  owner: { untrusted: text('owner') },
  group: text('group'),
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
      'high, at risk',
      '2026-11-20 09:12 UTC',
      'Contain the account',
      '1. Sign the user out everywhere (revoke sessions)',
      'One Deny is enough',
      'manual reason. instruction',
      'SecOps on-call: 1 of 2 (voter)',
      'What is unknown',
      '• unknown',
      '• policy reason',
      '• detection, high, 2026-11-20 09:12 UTC, detection country, detection ip, correlation id detection correlation',
      'country, ip, device seen before, network not seen before, device, app, correlation id sign-in correlation',
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
    const data = { d: view().cardId };
    expect(card.actions).toMatchObject([
      { type: 'Action.Execute', verb: 'approve', data },
      { type: 'Action.Execute', verb: 'deny', data },
      { type: 'Action.OpenUrl', url: view().consoleUrl },
    ]);
    expect(card.refresh).toMatchObject({ action: { verb: 'view', data } });
    expect(card.body.at(-1)).toMatchObject({ type: 'Input.Text', id: 'comment', maxLength: 500 });
    expect(card).toMatchObject({ type: 'AdaptiveCard', version: '1.5' });
  });

  it.each(['approved', 'denied', 'expired', 'withdrawn', 'replaced'] as const)(
    'has nothing to decide once it is %s',
    (status) => {
      for (const card of [decidedCard({ ...view(), status }), proposalCard({ ...view(), status })]) {
        expect(card.actions?.map(({ type }) => type)).toEqual(['Action.OpenUrl']);
        expect(JSON.stringify(card)).not.toMatch(/Input\.Text|Action\.Execute|refresh/);
        expect(shown(card)).not.toMatch(/Open until|What Approve does/);
        expect(shown(card)).toContain('What was asked');
      }
    },
  );

  it.each([
    [5, null],
    [6, '… and 1 more, not shown here'],
    [9, '… and 4 more, not shown here'],
  ])('lists five of %i detections at most, and none vanishes without a mark', (count, mark) => {
    const detections = Array.from({ length: count }, (_, n) => ({
      ...view().detections[0]!,
      kind: `detection ${n + 1}.`,
    }));
    const text = JSON.stringify(proposalCard({ ...view(), detections }));
    expect(text.match(/detection \d+\./g)).toHaveLength(5);
    expect(/… and \d+ more, not shown here/.exec(text)?.[0] ?? null).toBe(mark);
  });

  it('tells the end of its time in the zone of whoever reads it, and in UTC', () => {
    expect(shown(proposalCard(view()))).toContain(
      'Open until: {{DATE(2026-11-20T09:12:01Z, SHORT)}}, {{TIME(2026-11-20T09:12:01Z)}} (2026-11-20 09:12 UTC)',
    );
    const never = () => proposalCard({ ...view(), expiresAt: '](https://evil.example)' });
    expect(never).toThrow(RangeError);
  });

  it('says how much of it was left when it was drawn, which stays true of a card that stands', () => {
    expect(shown(proposalCard(view()))).toContain('Time left when this card was drawn: 3 h 40 min');
    for (const over of [{ drawnAt: at }, { status: 'denied' as const }])
      expect(shown(proposalCard({ ...view(), ...over }))).not.toContain('Time left');
  });

  it('has no buttons for a viewer who may not vote, and says why', () => {
    const card = proposalCard({ ...view(), viewer: { kind: 'mayNotVote', reason: 'It is about you.' } });
    expect(card.actions?.map(({ type }) => type)).toEqual(['Action.OpenUrl']);
    expect(JSON.stringify(card)).not.toContain('Input.Text');
    expect(shown(card)).toContain('No vote: \nIt is about you.');
    expect(card.refresh).toBeDefined();
  });

  it('offers whoever has approved a Deny and nothing else', () => {
    const card = proposalCard({ ...view(), viewer: { kind: 'voted', choice: 'approve' } });
    expect(card.actions).toMatchObject([{ verb: 'deny' }, { type: 'Action.OpenUrl' }]);
    expect(shown(card)).toContain('You have approved.');
  });

  it('lets a viewer look again whose reason may have passed, and vote no sooner', () => {
    const viewer = { kind: 'mayNotVote', reason: 'why', mayPass: true } as const;
    const { actions } = proposalCard({ ...view(), viewer });
    expect(actions?.map((action) => ('verb' in action ? action.verb : action.type))).toEqual([
      'view',
      'Action.OpenUrl',
    ]);
  });

  it('says what the vote of a manager means', () => {
    const manager = { role: 'manager', count: 1, have: [] } as const;
    expect(shown(proposalCard({ ...view(), quorum: [manager] }))).toContain('I spoke to this person');
    expect(shown(proposalCard(view()))).not.toContain('I spoke to this person');
  });

  it.each(['javascript:alert(1)', 'file:///etc/passwd', 'console'])('does not link to %s', (consoleUrl) => {
    expect(() => proposalCard({ ...view(), consoleUrl })).toThrow(/Invalid URL|a web address/);
  });

  it.each<[string, AdaptiveCard]>([
    ['open', proposalCard(view())],
    [
      'open, to a viewer who may not vote',
      proposalCard({ ...view(), viewer: { kind: 'mayNotVote', reason: 'No role.' } }),
    ],
    ['decided', decidedCard({ ...view(), status: 'approved' })],
    ['a notice', noticeCard(notice())],
  ])('looks as reviewed: %s', (_name, card) => {
    expect(card).toMatchSnapshot();
  });

  it('says nothing twice', () => {
    const same = shown(noticeCard({ ...notice(), detail: 'reason' }));
    expect(same.match(/reason/g)).toHaveLength(1);
    const manual = [{ kind: 'enableAccount', reason: 'It is so.', instruction: 'Do it.' }] as const;
    const plan = { ...view().plan, manual };
    expect(shown(proposalCard({ ...view(), plan }))).toContain('Enable the account: It is so. Do it.');
  });

  it('tells the sign-in from before the episode and the newest apart, and that there is none', () => {
    const newest = { ...{ at, country: 'HU', ip: null, device: null, app: null }, knownDevice: false };
    const of = (signIns: NonNullable<ProposalView['successfulSignIns']>) =>
      shown(proposalCard({ ...view(), successfulSignIns: signIns }));
    const both = of({ daysRead: 7, before: null, newest });
    expect(both).toMatch(/Last successful sign-in before the episode.*none in the 7 days read/s);
    expect(both).toMatch(/Newest successful sign-in.*HU, device not seen before/s);
    expect(of({ daysRead: 7, newest: null })).toMatch(/Newest successful sign-in.*none in the 7 days read/s);
    expect(of({ daysRead: 7, newest: null })).not.toContain('before the episode');
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
    delete bare.successfulSignIns;
    expect(shown(proposalCard(bare))).not.toMatch(/What is unknown|Detections|successful sign-in/);
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
      if (name !== 'notice') expect(JSON.stringify(card)).toContain('«detection correlation»');
      for (const [path] of found) expect(path).toMatch(/\(RichTextBlock\)\/inlines\/\d+\(TextRun\)\/text$/);
    }
  });

  it.each(injections)('%j changes nothing else on the card', (injection) => {
    const shape = (card: AdaptiveCard) =>
      strings(card)
        .filter(([path]) => !path.endsWith('(TextRun)/text'))
        .map((entry) => entry.join('='));
    const plain = cards((field) => field);
    const hostile = cards((field) => `${injection} ${field}`);
    for (const name of ['open', 'decided', 'notice'] as const) {
      expect(shape(hostile[name])).toEqual(shape(plain[name]));
      expect(shown(hostile[name])).not.toMatch(
        /[\u202A-\u202E\u2066-\u2069\u200B-\u200F\u0000-\u0009]|:\/\/|\{\{DATE\(2026-11-20T09:00/,
      );
    }
  });
});

describe('size', () => {
  const worst = ['x', '"', '\\', '李', '👍', '\u202E', '\uD83D'];
  const many = <T>(row: T, count: number) => Array.from({ length: count }, () => row);
  it.each(worst)('stays under the limit with %j everywhere, and says what is left out', (character) => {
    const text = () => character.repeat(10_000);
    const full = view(text);
    const big: ProposalView = {
      ...full,
      detections: many(full.detections[0]!, 200),
      plan: { ...full.plan, manual: many(full.plan.manual[0]!, 10) },
      reasons: many(text(), 50),
      unknowns: many(text(), 50),
      advice: {
        ...full.advice,
        statements: many(text(), 50),
        openQuestions: many(text(), 50),
        disagreement: { advised: null, strictest: 'release' },
      },
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
    // What an approver must not miss is whole on the smallest card too.
    expect(shown(proposalCard(big))).toContain(
      'The model would do nothing yet, and not release the account. Take that for a reason to look twice before you approve.',
    );
    expect(proposalCard(big).actions).toHaveLength(3);
    expect(shown(proposalCard(big))).toContain('Shortened to fit (…). The console shows everything.');
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
