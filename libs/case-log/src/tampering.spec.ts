import { findChainFault, linkHash } from '@sallyport/case';
import { eventFor, opened } from '@sallyport/case/testing';
import { canonicalJson } from '@sallyport/idempotency';
import { CaseLogDamaged } from './case-log';
import { openTestLog, type TestLog } from './test-rig';

jest.setTimeout(60_000);

let test: TestLog;
beforeAll(async () => {
  test = await openTestLog();
});
beforeEach(async () => {
  await test.write('first', 'evidence.collected', 'policy.decided', 'triage.written');
});
afterEach(() => test.empty());
afterAll(() => test.close());

const caseId = opened().caseId;
const ofCase = `case_id = '${caseId}'`;
/** The case has four events; these are their places. */
const last = 4;

/** What a walk over the log says of the case, as `sallyport audit verify` does. */
async function fault(): Promise<string | null> {
  try {
    const { links, head } = await test.log.read(caseId);
    const found = head && findChainFault(caseId, links, head);
    return found && `event ${found.seq}: ${found.fault}`;
  } catch (error) {
    if (error instanceof CaseLogDamaged) return error.message;
    throw error;
  }
}

const changed = /event 2: .*was changed after it was written/;
const notToTheLetter = /event 2 is not stored to the letter/;
const replaced = (from: string, to: string, seq = 2) =>
  `UPDATE sallyport.case_event SET event = replace(event::text, '${from}', '${to}')::json
    WHERE ${ofCase} AND seq = ${seq}`;

it('an untouched case has no fault', async () => {
  expect(await fault()).toBeNull();
  expect(await test.log.load(caseId)).toMatchObject({ case: { seq: last } });
});

describe.each<[title: string, sql: string, expected: RegExp]>([
  ['one word of an event', replaced('Risky user', 'Calm user'), changed],
  ['one digit of an event', replaced('"modCount":1', '"modCount":2'), changed],
  ['the first event', replaced('INC0010001', 'INC0010002', 1), /event 1: .*was changed/],
  ['the last event', replaced('The risk is medium.', 'The risk is low.', last), /event 4: .*was changed/],
  ['the letter case of a GUID', replaced('abcdef00', 'ABCDEF00'), notToTheLetter],
  ['the spacing of an event', replaced('{"', '{ "'), notToTheLetter],
  ['an event, by a key told twice', replaced('{"at"', '{"type":"case.closed","at"'), notToTheLetter],
  ['an event, by a key more', replaced('{"at"', '{"note":"x","at"'), /event 2 is not an event that/],
  [
    'an event, by an unknown type',
    replaced('evidence.collected', 'evidence.lost'),
    /event 2 is not an event/,
  ],
  [
    'the time in the column',
    `UPDATE sallyport.case_event SET at = at - interval '1 day' WHERE ${ofCase} AND seq = 2`,
    /event 2 is not what its columns say/,
  ],
  [
    'the type in the column',
    `UPDATE sallyport.case_event SET type = 'case.closed' WHERE ${ofCase} AND seq = 2`,
    /event 2 is not what its columns say/,
  ],
  ['a hash', `UPDATE sallyport.case_event SET hash = repeat('0', 64) WHERE ${ofCase} AND seq = 2`, changed],
  [
    'the log, by its last event',
    `DELETE FROM sallyport.case_event WHERE ${ofCase} AND seq = ${last}`,
    /event 4: the head names event 4, the log ends at 3/,
  ],
  [
    'the log, by one in the middle',
    `DELETE FROM sallyport.case_event WHERE ${ofCase} AND seq = 3`,
    /event 3: expected event 3, found 4/,
  ],
  [
    'the log, by its first event',
    `DELETE FROM sallyport.case_event WHERE ${ofCase} AND seq = 1`,
    /event 1: expected event 1, found 2/,
  ],
  ['the log, by all events', `DELETE FROM sallyport.case_event WHERE ${ofCase}`, /event 1: the head names/],
  [
    'the order of two events',
    `UPDATE sallyport.case_event SET seq = 99 WHERE ${ofCase} AND seq = 2;
     UPDATE sallyport.case_event SET seq = 2 WHERE ${ofCase} AND seq = 3;
     UPDATE sallyport.case_event SET seq = 3 WHERE ${ofCase} AND seq = 99`,
    changed,
  ],
  [
    'the log, by an event twice',
    `INSERT INTO sallyport.case_event
       SELECT case_id, ${last + 1}, type, event, hash, at FROM sallyport.case_event WHERE ${ofCase} AND seq = 3`,
    /event 5: .*was changed/,
  ],
  [
    'the head, back to an earlier event',
    `UPDATE sallyport.case_head h SET seq = 3, hash = e.hash
       FROM sallyport.case_event e WHERE e.case_id = h.case_id AND e.seq = 3`,
    /event 5: the head names event 3, the log ends at 4/,
  ],
  [
    'the hash of the head',
    `UPDATE sallyport.case_head SET hash = repeat('0', 64) WHERE ${ofCase}`,
    /event 5: the head names event 4/,
  ],
])('changing %s', (_title, sql, expected) => {
  it('is found by a walk over the log, and nobody can act on the case', async () => {
    const other = await test.write('untouched');
    await test.tamper(sql);
    expect(await fault()).toMatch(expected);
    await expect(test.log.load(caseId)).rejects.toThrow(CaseLogDamaged);
    expect(await test.log.load(other.case.id)).toEqual(other);
  });
});

it('putting the chain of one case under the name of another is found', async () => {
  const other = await test.write('other');
  await test.tamper(
    `DELETE FROM sallyport.case_event WHERE case_id = '${other.case.id}';
     UPDATE sallyport.case_event SET case_id = '${other.case.id}' WHERE ${ofCase};
     UPDATE sallyport.case_head h SET seq = m.seq, hash = m.hash
       FROM sallyport.case_head m WHERE h.case_id = '${other.case.id}' AND m.${ofCase}`,
  );
  await expect(test.log.load(other.case.id)).rejects.toThrow(/event 1: .*was changed/);
});

it('a forged event with a fitting hash is damage where the case does not allow it', async () => {
  const loaded = await test.log.load(caseId);
  if (!loaded) throw new Error('The case is there.');
  const forged = eventFor(loaded.case, 'case.closed');
  const hash = linkHash(caseId, last + 1, loaded.hash, forged);
  await test.tamper(
    `INSERT INTO sallyport.case_event
       VALUES ('${caseId}', ${last + 1}, 'case.closed', '${canonicalJson(forged)}', '${hash}', '${forged.at}');
     UPDATE sallyport.case_head SET seq = ${last + 1}, hash = '${hash}' WHERE ${ofCase}`,
  );
  expect(await fault()).toBeNull();
  await expect(test.log.load(caseId)).rejects.toThrow(/cannot be folded: case\.closed in phase/);
});

it('a rollback of log and head together cannot be told from the case alone', async () => {
  // It is a valid, shorter chain: only a checkpoint kept elsewhere remembers more.
  await test.tamper(
    `DELETE FROM sallyport.case_event WHERE ${ofCase} AND seq > 1;
     UPDATE sallyport.case_head h SET seq = 1, hash = e.hash
       FROM sallyport.case_event e WHERE e.case_id = h.case_id`,
  );
  expect(await fault()).toBeNull();
});
