import { sampleInstant } from '@sallyport/evidence/testing';
import { DataSource } from 'typeorm';
import { caseLogOptions, migrateCaseLog } from './data-source';
import { openDatabase, type TestDatabase } from './test-rig';
import { Leases, Watermarks } from './watermarks';

jest.setTimeout(60_000);

let database: TestDatabase;
let db: DataSource;
beforeAll(async () => {
  database = await openDatabase();
  await migrateCaseLog(database.ownerUrl, database.appUrl);
  db = await new DataSource(caseLogOptions(database.appUrl, 'sallyport-spec')).initialize();
});
afterEach(() => database.superuser.query('TRUNCATE sallyport.watermark, sallyport.lease'));
afterAll(async () => {
  await db?.destroy();
  await database?.close();
});

describe('a watermark', () => {
  it('is unknown until something was read, and then moves forward only', async () => {
    const watermarks = new Watermarks(db);
    expect(await watermarks.read('poll')).toBeNull();
    for (const minutes of [3, 7, 5]) await watermarks.advance('poll', sampleInstant(minutes));
    expect(await watermarks.read('poll')).toBe(sampleInstant(7));
    expect(await watermarks.read('another poll')).toBeNull();
  });

  it('ends at the newest of many at the same instant', async () => {
    const watermarks = new Watermarks(db);
    await Promise.all(Array.from({ length: 20 }, (_, n) => watermarks.advance('poll', sampleInstant(n))));
    expect(await watermarks.read('poll')).toBe(sampleInstant(19));
  });

  it('cannot be forgotten by a service', async () => {
    await new Watermarks(db).advance('poll', sampleInstant(1));
    await expect(db.query('DELETE FROM sallyport.watermark')).rejects.toThrow(/permission denied/);
  });
});

describe('a lease', () => {
  const claim = (now: number, until: number, name = 'poll') =>
    new Leases(db).claim(name, sampleInstant(now), sampleInstant(until));

  it('is one holder’s of twenty that ask at the same instant', async () => {
    const held = await Promise.all(Array.from({ length: 20 }, () => claim(0, 5)));
    expect(held.filter(Boolean)).toHaveLength(1);
  });

  it('runs out, for a holder that died', async () => {
    expect(await claim(0, 5)).toBe(true);
    expect(await claim(4, 9)).toBe(false);
    expect(await claim(5, 10)).toBe(true);
    expect(await claim(0, 5, 'another')).toBe(true);
  });

  it('is given back by its holder, and by nobody whose lease ran out', async () => {
    const leases = new Leases(db);
    await claim(0, 5);
    await claim(5, 10);
    await leases.release('poll', sampleInstant(5));
    expect(await claim(6, 11)).toBe(false);
    await leases.release('poll', sampleInstant(10));
    expect(await claim(6, 11)).toBe(true);
  });
});
