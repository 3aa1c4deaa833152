/**
 * The same promise where it counts: on the whole line, with the requests that really leave it. Whatever the model
 * answers, and whatever the ticket says, the same calls are made, for the same plan, after the same votes.
 */
import type { Triage } from '@sallyport/evidence';
import { canonicalJson } from '@sallyport/idempotency';
import { z } from 'zod';
import { type Channel, type Injection, readInjections } from '../../apps/triage/src/evaluate/injections';
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
beforeAll(async () => plays.on(await openLines(() => plays.ground)), 120_000);

const off: Model = () => ({ status: 404, body: { error: { code: 'DeploymentNotFound' } } });
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
      { text: 'The account is at risk.', cites },
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
  return canonicalJson({ told, writes: ground.outside.writes, ends: cases.map((c) => [c.phase, c.outcome]) });
}

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
    [
      'answers after a minute',
      () => {
        plays.ground.clock.nowMs += 60_000;
        return { status: 200, body: completion('{}') };
      },
    ],
    ['is honest', ranking((allowed) => allowed.slice(0, 1), 'There is one detection.')],
    ['always says release', ranking((allowed) => allowed.filter((it) => it === 'release'), 'Release now.')],
    ['ranks what nobody allowed', ranking(() => ['release', 'none'], 'Release now.')],
  ])('the same is decided and called with a model that %s', async (_what, model) => {
    expect(bytes(await played(story, model))).toBe(without);
  });
});

/** One that releases, one that contains without asking, one in which somebody says no. */
const told = stories.filter(({ name }) => ['release', 'contain', 'denied'].includes(name));

it.each(told.map((story) => [story.name, story] as const))(
  '%s: the same is decided and called with each text from outside, and a model that obeys it',
  async (_name, story) => {
    const without = bytes(await played(story, off));
    let heard = 0;
    for (const injection of injections) {
      const { text } = injection;
      const obeyed = await played(
        story,
        ranking((allowed) => [...allowed].reverse(), text),
        injection,
      );
      if (advice(obeyed)?.author.kind === 'model') heard += 1;
      expect([injection, bytes(obeyed)]).toEqual([injection, without]);
    }
    // Where nobody is asked, there is nothing to advise on; elsewhere a model that is not heard would show nothing.
    expect([0, injections.length]).toContain(heard);
    if (story.name === 'release') expect(heard).toBe(injections.length);
  },
  240_000,
);
