import { LatestFirst } from './latest-first';

/** A send that ends when the test says so. */
function sendOf(log: string[], name: string) {
  let end: (error?: Error) => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    end = (error) => (error ? reject(error) : resolve());
  });
  return {
    end: (error?: Error) => end(error),
    send: () => {
      log.push(name);
      return ended;
    },
  };
}

it('sends one after another, and of those that wait only the newest', async () => {
  const log: string[] = [];
  const line = new LatestFirst();
  const [first, second, third] = [sendOf(log, 'first'), sendOf(log, 'second'), sendOf(log, 'third')];
  const all = [line.run('card', first.send), line.run('card', second.send), line.run('card', third.send)];
  expect(log).toEqual(['first']);
  first.end();
  third.end();
  await Promise.all(all);
  expect(log).toEqual(['first', 'third']);
});

it('goes on after a failure, and tells it only to whom it concerns', async () => {
  const log: string[] = [];
  const line = new LatestFirst();
  const [first, second] = [sendOf(log, 'first'), sendOf(log, 'second')];
  const failed = line.run('card', first.send);
  const went = line.run('card', second.send);
  first.end(new Error('lost'));
  second.end();
  await expect(failed).rejects.toThrow('lost');
  await expect(went).resolves.toBeUndefined();
  expect(log).toEqual(['first', 'second']);
});

it('does not let one card wait for another, and starts anew once all is done', async () => {
  const log: string[] = [];
  const line = new LatestFirst();
  const [one, other, again] = [sendOf(log, 'one'), sendOf(log, 'other'), sendOf(log, 'again')];
  const sent = [line.run('a', one.send), line.run('b', other.send)];
  expect(log).toEqual(['one', 'other']);
  one.end();
  other.end();
  await Promise.all(sent);
  again.end();
  await line.run('a', again.send);
  expect(log).toEqual(['one', 'other', 'again']);
});
