import { cardOf } from './cards/adaptive-card';
import { cardAnswer, errorAnswer, messageAnswer } from './invoke-answer';

it('answers have the shapes that Teams documents', () => {
  const card = cardOf([]);
  expect(cardAnswer(card)).toEqual({
    statusCode: 200,
    type: 'application/vnd.microsoft.card.adaptive',
    value: card,
  });
  expect(messageAnswer('Recorded.')).toEqual({
    statusCode: 200,
    type: 'application/vnd.microsoft.activity.message',
    value: 'Recorded.',
  });
  expect(errorAnswer(400, 'BadRequest', 'Try again.')).toEqual({
    statusCode: 400,
    type: 'application/vnd.microsoft.error',
    value: { code: 'BadRequest', message: 'Try again.' },
  });
});

it('a long message has an end', () => {
  expect(messageAnswer('x'.repeat(1_000)).value).toHaveLength(300);
});
