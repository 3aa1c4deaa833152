/**
 * Fails and repeats everywhere. Every story is played once undisturbed; then once per commit with a crash before and
 * after it, once per outside call with each fault and a crash before and after it, once per delivery repeated, doubled
 * and lost; then in random combinations of these until enough schedules are explored.
 *
 * HARNESS_SCHEDULE='release: call 12 504 after' plays one again; HARNESS_SEED and HARNESS_SCHEDULES choose others.
 */
import type { Trouble } from './life';
import { openLines } from './line';
import { graphShapes } from './outside';
import { type Played, Plays, type Story } from './play';
import { brokenPromises } from './promises';
import { parseSchedule, scheduleWords, seeded, together, troublesOf } from './schedules';
import { stories } from './stories';

const seed = Number(process.env['HARNESS_SEED'] ?? 1);
/** As many as are promised at least; the single troubles alone are more than half of them. */
const schedulesMin = Number(process.env['HARNESS_SCHEDULES'] ?? 5_100);
const only = process.env['HARNESS_SCHEDULE'];
/** So many with several troubles, however many the single ones are. */
const togetherMin = Math.min(schedulesMin, 400);
/** What is printed of many failures. */
const failuresMax = 8;

const plays = new Plays();
let explored = 0;
// The line stops these clocks. The next spec in this worker shares them, and needs them.
const { timeout } = AbortSignal;
const { now } = performance;
const startedMs = performance.now();
afterAll(() => {
  AbortSignal.timeout = timeout;
  performance.now = now;
});
beforeAll(async () => {
  plays.on(await openLines(() => plays.ground));
  // What a process learns once and keeps shifts the numbers of the calls.
  for (const story of stories) await plays.play(story, []);
}, 120_000);
afterAll(() => {
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0);
  console.info(`${explored} schedules explored in ${seconds} s, seed ${seed}.`);
});

async function failureOf(story: Story, troubles: readonly Trouble[]): Promise<string[]> {
  explored += 1;
  try {
    return brokenPromises(story, await plays.play(story, troubles));
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

async function failuresOf(story: Story, schedules: readonly Trouble[][]): Promise<string[]> {
  const failures: string[] = [];
  for (const troubles of schedules) {
    const broken = await failureOf(story, troubles);
    if (broken.length > 0) failures.push(`${scheduleWords(story.name, troubles)} → ${broken.join(', ')}`);
    if (failures.length === failuresMax) break;
  }
  return failures;
}

const named = stories.map((story) => [story.name, story] as const);
const undisturbed = new Map<string, Played>();

if (only) {
  const { story: name, troubles } = parseSchedule(only);
  it('plays one schedule again', async () => {
    const story = stories.find((candidate) => candidate.name === name);
    if (!story) throw new Error(`there is no story ${name}`);
    const played = await plays.play(story, troubles);
    const { seen, met } = played.ground.fate;
    const told = played.cases.map((c) => played.ground.store.eventsOf(c.id).map((event) => event.type));
    console.info(JSON.stringify({ met, ...seen, told, writes: played.ground.outside.writes }, null, 1));
    expect(brokenPromises(story, played)).toEqual([]);
  });
} else {
  describe.each(named)('%s', (name, story) => {
    it('ends as it should where nothing goes wrong', async () => {
      const played = await plays.play(story, []);
      undisturbed.set(name, played);
      expect(brokenPromises(story, played)).toEqual([]);
      expect(played.ground.outside.writes.map((write) => write.step)).toEqual(story.writes);
      const calls = new Set(played.ground.outside.writes.map(({ clientRequestId }) => clientRequestId));
      if (story.calls !== undefined) expect(calls.size).toBe(story.calls);
      const ends = played.cases.map((c) => (c.phase === 'inReview' ? 'manualReview' : c.outcome));
      expect(ends).toEqual(story.ends);
    });

    it('keeps every promise with one trouble, wherever it comes', async () => {
      const played = undisturbed.get(name);
      const all = played ? troublesOf(played) : [];
      const singles = all.filter((_, index) => index % (story.oneOf ?? 1) === 0);
      expect(singles.length).toBeGreaterThan(20);
      expect(
        await failuresOf(
          story,
          singles.map((trouble) => [trouble]),
        ),
      ).toEqual([]);
    }, 600_000);
  });

  it(`keeps every promise with several troubles together, ${schedulesMin} schedules in all`, async () => {
    const random = seeded(seed);
    const until = Math.max(schedulesMin, explored + togetherMin);
    const failures: string[] = [];
    while (explored < until && failures.length < failuresMax) {
      const story = stories[explored % stories.length];
      const played = story && undisturbed.get(story.name);
      if (!story || !played) throw new Error('the undisturbed plays failed');
      failures.push(...(await failuresOf(story, [together(troublesOf(played), random)])));
    }
    expect(failures).toEqual([]);
    expect(explored).toBeGreaterThanOrEqual(until);
  }, 600_000);
}
it('asks Graph, and is answered, as Microsoft documents it, where its document is', () => {
  expect(graphShapes.problems()).toEqual([]);
});
