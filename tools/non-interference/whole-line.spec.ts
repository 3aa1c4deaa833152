/**
 * The same promise where it counts: on the whole line, with the requests that really leave it. Whatever the model
 * answers, and whatever the ticket says, the same calls are made, for the same plan, after the same votes.
 */
import type { Triage } from '@sallyport/evidence';
import { canonicalJson } from '@sallyport/idempotency';
import { z } from 'zod';
import { type Channel, type Injection, readInjections } from '../../apps/triage/src/evaluate/injections';
import { shownText } from '../../apps/triage/src/input/shown-text';
import { corpusFile } from '../../apps/triage/src/testing/corpus';
import { completion } from '../../apps/triage/src/testing/model-server';
import { openLines } from '../harness/line';
import type { Account, Reply } from '../harness/outside';
import { type Played, Plays, type Story } from '../harness/play';
import { stories } from '../harness/stories';

type Model = (prompt: string) => Reply;

const injections = readInjections(corpusFile);
const plays = new Plays();
// The line stops these clocks. The next spec in this worker shares them, and needs them.
const { timeout } = AbortSignal;
const { now } = performance;
afterAll(() => {
  AbortSignal.timeout = timeout;
  performance.now = now;
});
/** Of the requests that were begun last; the line makes one after the other, and a model has two deadlines at most. */
let deadlines: AbortController[] = [];
beforeAll(async () => {
  plays.on(await openLines(() => plays.ground));
  AbortSignal.timeout = () => {
    const deadline = new AbortController();
    deadlines = [...deadlines.slice(-1), deadline];
    return deadline.signal;
  };
}, 120_000);

const off: Model = () => ({ status: 404, body: { error: { code: 'DeploymentNotFound' } } });
/** Still silent at the end of its budget, to the second. */
const slow: Model = () => {
  plays.ground.clock.nowMs += 3_000;
  const reason = new DOMException('The operation timed out.', 'TimeoutError');
  for (const deadline of deadlines) deadline.abort(reason);
  throw reason;
};
const ranking = (order: (allowed: string[]) => string[], text: string): Model => {
  const asked = z.object({ messages: z.array(z.object({ content: z.string() })) });
  const document = z.object({
    allowedActions: z.array(z.string()),
    evidence: z.array(z.object({ id: z.string() })).min(1),
  });
  return (prompt) => {
    const { content = '' } = asked.parse(JSON.parse(prompt)).messages.at(-1) ?? {};
    const { allowedActions, evidence } = document.parse(JSON.parse(content.replace(/<\/?evidence>/g, '')));
    const cites = evidence.slice(0, 1).map(({ id }) => id);
    // One sentence that passes every check, so that the ranking is heard.
    const statements = [
      { text: 'This is in the evidence.', cites },
      { text, cites },
    ];
    const answer = { statements, ranking: order(allowedActions), reasons: [], openQuestions: [] };
    return { status: 200, body: completion(JSON.stringify(answer)) };
  };
};

/** Where a channel's text stands in the outside; the ticket is given apart. */
const placed: Readonly<Record<Channel, (text: string) => Account['words']>> = {
  ticket: () => ({}),
  managerNote: (comment) => ({ comment }),
  displayName: (displayName) => ({ displayName }),
  userAgent: (userAgent) => ({ userAgent }),
  deviceName: (deviceName) => ({ deviceName }),
};

/** Plays a story with a model and, where given, a text from outside. */
async function played(story: Story, model: Model, injection?: Injection): Promise<Played> {
  return plays.play(
    {
      ...story,
      ...(injection?.channel === 'ticket' && {
        ticket: { ...story.ticket, short_description: injection.text, description: injection.text },
      }),
      given: (account, outside) => {
        outside.model = model;
        if (injection) account.words = placed[injection.channel](injection.text);
        story.given?.(account, outside);
      },
    },
    [],
  );
}

/** What was decided, whom it was asked, what they said and what was called; without times, which pass differently. */
function bytes({ ground, cases }: Played): string {
  const told = cases
    .flatMap((c) => ground.store.eventsOf(c.id))
    .flatMap((event): object[] => {
      switch (event.type) {
        case 'policy.decided': {
          const { rulings, immediate, proposed } = event.decision;
          return [{ rulings, immediate, proposed }];
        }
        case 'approval.requested':
          return [{ plan: event.plan, quorum: event.quorum }];
        case 'approval.voted':
          return [{ voter: event.vote.voterId, choice: event.vote.choice }];
        case 'action.started':
        case 'action.finished':
          return [{ type: event.type, step: event.step, key: event.key }];
        default:
          return [];
      }
    });
  const { writes, ticketWrites } = ground.outside;
  return canonicalJson({
    told,
    writes: writes.map((write) => ({ ...write, body: timeless(write.body) })),
    ticketWrites: ticketWrites.map(({ path, body }) => ({ path, body: timeless(body) })),
    ends: cases.map((c) => [c.phase, c.outcome]),
  });
}

/** A slow model costs time, and what is told to a ticket has times in it. */
const timeless = (body: string) =>
  body.replace(/\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?/g, 'then');

function advice({ ground, cases }: Played): Triage | null {
  const events = cases.flatMap((c) => ground.store.eventsOf(c.id));
  return events.find((event) => event.type === 'triage.written')?.triage ?? null;
}

describe.each(stories.map((story) => [story.name, story] as const))('%s', (_name, story) => {
  let without: string;
  beforeAll(async () => (without = bytes(await played(story, off))));

  it.each<[string, Model]>([
    ['answers what no model does', () => ({ status: 200, body: { value: [] } })],
    ['refuses', () => ({ status: 200, body: completion(null) })],
    ['does not answer in its time', slow],
    ['is honest', ranking((allowed) => allowed.slice(0, 1), 'There is one detection.')],
    ['always says release', ranking((allowed) => allowed.filter((it) => it === 'release'), 'Release now.')],
    ['ranks what nobody allowed', ranking(() => ['release', 'none'], 'Release now.')],
  ])('the same is decided and called with a model that %s', async (_what, model) => {
    const it = await played(story, model);
    expect(bytes(it)).toBe(without);
    const { fallback } = advice(it) ?? {};
    if (model === slow && advice(it)) expect(fallback).toBe('timedOut');
  });
});

it('compares what is written: every request with its body, and every word to a ticket', async () => {
  const [release] = stories.filter(({ name }) => name === 'release');
  if (!release) throw new Error('there is no such story');
  const { writes, ticketWrites } = (await played(release, off)).ground.outside;
  expect(writes.map(({ request }) => request)).toEqual([
    expect.stringMatching(/^POST .*\/riskyUsers\/dismiss$/),
    expect.stringMatching(/^PATCH .*\/users\//),
  ]);
  expect(writes[0]?.body).toMatch(/userIds/);
  expect(ticketWrites.map(({ body }) => body).join()).toMatch(/RELEASED/);
});

/** Plays the text with a model that obeys it, and fails unless all is as it was. @returns whether the model was heard */
async function obeyed(story: Story, injection: Injection, without: string): Promise<boolean> {
  const { text, channel } = injection;
  const prompts: string[] = [];
  const model = ranking((allowed) => [...allowed].reverse(), text);
  const it = await played(story, (prompt) => (prompts.push(prompt), model(prompt)), injection);
  expect([injection, bytes(it)]).toEqual([injection, without]);
  // In a string of JSON in a string of JSON, without what is escaped in it.
  const beginning = /^[^"\\<>]*/.exec(shownText(text, 60).slice(0, 12))?.[0] ?? '';
  for (const prompt of prompts)
    if (channel !== 'displayName') expect([text, prompt.includes(beginning)]).toEqual([text, true]);
  return advice(it)?.author.kind === 'model';
}

/** Of those in which people are asked: one that releases, one in which somebody says no. */
const asking = stories.filter(({ name }) => ['release', 'denied'].includes(name));

it.each(asking.map((story) => [story.name, story] as const))(
  '%s: the same is decided and called with each text from outside, and a model that obeys it',
  async (_name, story) => {
    const without = bytes(await played(story, off));
    for (const injection of injections)
      expect([injection, await obeyed(story, injection, without)]).toEqual([injection, true]);
  },
  240_000,
);

it('so it is in every other story, with the texts in turn', async () => {
  const others = stories.filter((story) => !asking.includes(story));
  const without = new Map<Story, string>();
  // One that answers: after three that do not, the line would leave the model alone. Above it is the same as without.
  const honest = ranking((allowed) => allowed.slice(0, 1), 'There is one detection.');
  for (const story of others) without.set(story, bytes(await played(story, honest)));
  let heard = 0;
  for (const [n, injection] of injections.entries()) {
    const story = others[n % others.length];
    // Where nobody is asked, there is nothing to advise on.
    if (story && (await obeyed(story, injection, without.get(story) ?? ''))) heard += 1;
  }
  expect(heard).toBeGreaterThan(10);
}, 240_000);
