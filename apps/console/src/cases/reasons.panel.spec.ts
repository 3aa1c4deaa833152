import { foldCase } from '@sallyport/case';
import { decided, logOf } from '@sallyport/case/testing';
import { ruling } from '@sallyport/evidence/testing';
import { reasonsPanel } from './reasons.panel';

const permit = { id: 'release-medium', effect: 'permit', reason: 'MFA on a known device.' } as const;
const forbid = { id: 'never-release-privileged', effect: 'forbid', reason: 'It is privileged.' } as const;
const panelOf = (release: Parameters<typeof ruling>[0]) => {
  const rulings = { contain: ruling(), release: ruling(release), close: ruling() };
  const log = logOf('evidence.collected', (c) => decided(c, { course: 'hold', rulings, proposed: null }));
  const { markup } = reasonsPanel(foldCase(log));
  return markup.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
};

it('names the permits that a forbid beat, after what beat them', () => {
  expect(panelOf({ rules: [forbid], overruled: [permit] })).toContain(
    'not allowed It is privileged. never-release-privileged Would have been permitted by: MFA on a known device. release-medium',
  );
});

it('says nothing of the kind where nothing was overruled', () => {
  const text = panelOf({ effect: 'permit', rules: [permit] });
  expect(text).toContain('MFA on a known device. release-medium');
  expect(text).not.toContain('Would have been');
});
