import { ExchangeLog } from './exchange-log';

const call = { method: 'GET', body: undefined };

it('says how many exchanges it did not keep, so that whoever checks them knows', () => {
  const log = new ExchangeLog(1);
  log.keep();
  for (const path of ['/v1.0/a', '/v1.0/b', '/v1.0/c']) log.add(call, path, { status: 204 });
  expect(log.kept()).toMatchObject({ exchanges: [{ url: '/a', status: 204 }], dropped: 2 });
});

it('keeps what was asked where no answer of Graph came', () => {
  const log = new ExchangeLog();
  log.keep();
  log.add(call, '/v1.0/a', null);
  log.add(call, '/v1.0/b', { status: 200, html: '<h1>Signing you in</h1>' });
  expect(log.kept().exchanges.map(({ url, status, answer }) => [url, status, answer])).toEqual([
    ['/a', null, undefined],
    ['/b', null, undefined],
  ]);
});
