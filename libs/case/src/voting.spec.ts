import { refusalCodes } from '@sallyport/evidence';
import { sampleDigest, sampleInstant } from '@sallyport/evidence/testing';
import { refusals, tally } from './approval';
import type { Case } from './case';
import { after, eventFor, type Step } from './testing/a-case';
import { asked, cast, clickOf, heardOf, idOf, open, quorumOf } from './testing/voters';
import { type ActorName, type Row, table } from './voting.table';

/** What other stages write, and the card being posted. */
const happenings: Record<string, Step> = {
  post: 'notice.posted',
  decide: 'approval.decided',
  review: 'review.opened',
  void: (c) => eventFor(c, 'execution.completed', { result: 'void' }),
};

function play({ quorum, clicks }: Pick<Row, 'quorum' | 'clicks'>): { c: Case; answers: string } {
  const words = clicks.split(' ');
  let c = words.includes('post') ? asked(quorumOf(quorum)) : open(quorumOf(quorum));
  const shown = c.proposal?.digest.slice(0, 24) ?? '';
  const answers = words.map((word) => {
    const happening = happenings[word];
    if (happening) {
      c = after(c, happening);
      return '-';
    }
    const { name, sign, minute, old } = /^(?<name>\w+)(?<sign>[+-])(@(?<minute>\d+))?(?<old>\/old)?$/.exec(
      word,
    )!.groups as { name: ActorName; sign: string; minute?: string; old?: string };
    const click = clickOf(c, idOf(name), sign === '+' ? 'approve' : 'deny', {
      proposalPrefix: old ? sampleDigest(99).slice(0, 24) : shown,
      ...(minute !== undefined && { at: sampleInstant(Number(minute)) }),
    });
    const next = cast(c, click, heardOf(name));
    c = next.c;
    return next.answer;
  });
  return { c, answers: answers.join(' ') };
}

describe.each(Object.entries(table))('%s', (_, rows) => {
  it.each(rows.map((row) => [row.quorum, row.clicks, row.answers, row.state, row.why, row] as const))(
    '%s · %s → %s, %s: %s',
    (...[, , answers, state, , row]) => {
      const played = play(row);
      expect(played.answers).toBe(answers);
      expect(played.c.proposal ? tally(played.c.proposal) : 'open').toBe(state);
      // Only a vote that decides ends the voting.
      if (played.c.phase === 'voting' || played.c.phase === 'tallied') {
        expect(played.c.phase).toBe(state === 'open' ? 'voting' : 'tallied');
      }
    },
  );
});

describe('the table', () => {
  const rows = Object.values(table).flat();

  it('has at least sixty rows, each for another question', () => {
    expect(rows.length).toBeGreaterThanOrEqual(60);
    expect(new Set(rows.map(({ quorum, clicks }) => `${quorum} ${clicks}`)).size).toBe(rows.length);
  });

  it('meets every refusal, and every refusal has words of its own', () => {
    const met = new Set(rows.flatMap(({ answers }) => answers.split(' ')));
    // How often somebody may click is no rule of voting: it is counted before these are asked.
    expect(refusalCodes.filter((refusal) => !met.has(refusal))).toEqual(['tooManyClicks']);
    expect(new Set(Object.values(refusals)).size).toBe(refusalCodes.length);
  });
});
