import { classifiedKinds, markersOf } from './detection-kinds';

describe('the marker of a detection', () => {
  it.each([
    ['anomalousToken', ['tokenTheft']],
    ['attackerInTheMiddle', ['tokenTheft']],
    ['attackerinTheMiddle', ['tokenTheft']],
    ['nationStateIP', ['nationState']],
    ['unlikelyTravel', []],
    ['', []],
  ])('of kind %p is %j', (kind, markers) => {
    expect(markersOf(kind)).toEqual(markers);
  });
});

it('a kind that hides the real one, or that nobody has heard of, is not classified', () => {
  expect(
    ['generic', 'unknownfuturevalue', 'anomaloustoken'].map((kind) => classifiedKinds.has(kind)),
  ).toEqual([false, false, true]);
});
