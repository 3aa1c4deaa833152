import { classifiedKinds, markersOf, postCompromiseKinds } from './detection-kinds';

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

it('each kind of what is done inside an account is classified, however it is spelled', () => {
  expect([...postCompromiseKinds].filter((kind) => !classifiedKinds.has(kind))).toEqual([]);
  expect(postCompromiseKinds.has('suspiciousinboxforwarding')).toBe(true);
  expect(postCompromiseKinds.has('unfamiliarfeatures')).toBe(false);
});

it('a kind that hides the real one, or that nobody has heard of, is not classified', () => {
  expect(
    ['generic', 'unknownfuturevalue', 'anomaloustoken'].map((kind) => classifiedKinds.has(kind)),
  ).toEqual([false, false, true]);
});
