import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { collected, courses, eventFor, grouped, opened } from '@sallyport/case/testing';
import { CaseLog, CaseLogDamaged, caseLogOptions, migrateCaseLog } from '@sallyport/case-log';
import { evidence as sampleEvidence, known, sampleId, sampleInstant } from '@sallyport/evidence/testing';
import { type Evidence } from '@sallyport/evidence';
import { decisionDigest } from '@sallyport/idempotency';
import { decide, type Pack } from '@sallyport/policy';
import { ConfigError } from '@sallyport/service';
import { CommanderError } from 'commander';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { type TestPostgres, testPostgres } from '../../../../tools/test-backends';
import { policyCommand } from './policy';
import { policyBacktest } from './policy-backtest';
import { policyExplain } from './policy-explain';
import { readPolicyFolder } from './policy-folder';

const packs = join(__dirname, '../../../../policies');
const pack = readPolicyFolder(join(packs, 'containment-first')).pack;
const auto = join(packs, 'auto-low-risk');
const deviceId = 'laptop';

/** A low risk with everything that speaks for the user: asked of people by one pack, of nobody by the other. */
function lowRisk(): Evidence {
  const at = sampleInstant(-120);
  const base = sampleEvidence();
  const risk = base.risk.state === 'known' ? base.risk.value : null;
  const ticket = base.ticket.state === 'known' ? base.ticket.value : null;
  if (!risk || !ticket) throw new Error('the sample evidence is known');
  return sampleEvidence({
    risk: known({ ...risk, level: 'low' }),
    ticket: known({ ...ticket, verifiedChannel: true }),
    detections: known([
      {
        id: 'd-1',
        kind: 'unfamiliarFeatures',
        markers: [],
        level: 'low',
        state: 'atRisk',
        activityAt: at,
        detectedAt: at,
        requestId: null,
        correlationId: null,
        ip: null,
        country: null,
      },
    ]),
    signIns: known([
      {
        id: 's-1',
        at: sampleInstant(-60),
        interactive: true,
        errorCode: 0,
        conditionalAccess: 'success',
        mfa: 'passed',
        ip: null,
        country: null,
        deviceId,
        knownDevice: true,
        knownNetwork: null,
        deviceName: null,
        app: null,
        userAgent: null,
        correlationId: null,
      },
    ]),
    devices: known([
      {
        id: sampleId(50),
        deviceId,
        name: { untrusted: deviceId },
        operatingSystem: 'Windows',
        trustType: 'AzureAd',
        compliant: true,
        managed: true,
        registeredAt: sampleInstant(-500_000),
      },
    ]),
  });
}

describe('the case log, decided again', () => {
  let postgres: TestPostgres;
  let db: DataSource;
  let caseId: string;
  let dir: string;
  let output: string[];
  const before = { url: process.env['DATABASE_URL'] };

  const write = async (log: CaseLog, episode: string, found: Evidence, by: Pack) => {
    const event = opened(episode);
    await log.open(event, { bodyDigest: '0'.repeat(64), receivedAt: event.at });
    const loaded = await log.load(event.caseId);
    const collectedCase = await log.append(loaded!, collected(loaded!.case, found));
    const decision = decide(found, sampleInstant(2), by);
    await log.append(
      collectedCase,
      eventFor(collectedCase.case, 'policy.decided', { decision, decisionDigest: decisionDigest(decision) }),
    );
    return event.caseId;
  };

  beforeAll(async () => {
    postgres = await testPostgres();
    const url = new URL(postgres.ownerUrl);
    url.username = `sallyport_app_${randomBytes(6).toString('hex')}`;
    url.password = 'spec';
    await migrateCaseLog(postgres.ownerUrl, url.href);
    db = await new DataSource(caseLogOptions(url.href, 'sallyport-spec')).initialize();
    caseId = await write(new CaseLog(db), 'first', lowRisk(), pack);
    process.env['DATABASE_URL'] = url.href;
    dir = mkdtempSync(join(tmpdir(), 'sallyport-backtest-'));
  }, 60_000);

  beforeEach(() => {
    output = [];
    // What is tested are the words; whether there are colours depends on where it runs.
    const say = (line?: unknown) => void output.push(stripVTControlCharacters(String(line)));
    jest.spyOn(console, 'log').mockImplementation(say);
    jest.spyOn(console, 'error').mockImplementation(say);
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(async () => {
    if (before.url === undefined) delete process.env['DATABASE_URL'];
    else process.env['DATABASE_URL'] = before.url;
    rmSync(dir, { recursive: true });
    await db.destroy();
    await postgres.close();
  });

  const from = new Date('2026-03-01T00:00:00Z');
  const to = new Date('2026-04-01T00:00:00Z');

  it('is as it was under the pack that decided', async () => {
    expect(await policyBacktest({ from, to, pack: join(packs, 'containment-first') })).toBe(0);
    expect(output.join('\n')).toContain('1 case decided again: 0 would end otherwise');
  });

  it('fails for a case that a changed pack would release, and nobody has signed for', async () => {
    expect(await policyBacktest({ from, to, pack: auto })).toBe(1);
    expect(output.join('\n')).toMatch(
      /NEWLY RELEASED +case-\w+, ticket \w+, .*\n +before: release after secops:1, manager:1\n +after: +release unasked/,
    );
  });

  it('passes where somebody has signed for the case and this very text of the pack', async () => {
    const signOff = join(dir, 'signed.yaml');
    const sign = (policySetHash: string) =>
      writeFileSync(
        signOff,
        `policySetHash: '${policySetHash}'\ncases:\n  - { case: ${caseId}, by: Ada, reason: reviewed }\n`,
      );
    sign(readPolicyFolder(auto).pack.policySetHash);
    expect(await policyBacktest({ from, to, pack: auto, signOff })).toBe(0);
    sign(pack.policySetHash);
    await expect(policyBacktest({ from, to, pack: auto, signOff })).rejects.toThrow(
      /signed\.yaml:1: the sign-off is for another/,
    );
  });

  it('fails for a case that a changed pack would close with nobody looking, until somebody signs for it', async () => {
    const root = join(dir, 'closing');
    cpSync(packs, root, { recursive: true });
    const change = (file: string, from: RegExp, to: string) => {
      const path = join(root, 'shared', file);
      const text = readFileSync(path, 'utf8');
      expect(text).toMatch(from);
      writeFileSync(path, text.replace(from, to));
    };
    // What was asked of manager and SecOps is now taken for remediated.
    change('close.cedar', /when\s*\{[^}]*\};/, 'when { context.facts.riskLevel == "low" };');
    change('release-guards.cedar', /facts\.selfRemediated != "yes"/, 'facts.riskLevel != "low"');
    const changed = join(root, 'containment-first');
    expect(await policyBacktest({ from, to, pack: changed })).toBe(1);
    expect(output.join('\n')).toMatch(
      /NEWLY CLOSED +case-.*\n +before: release after secops:1, manager:1\n +after: +close/,
    );
    expect(output.join('\n')).toContain('1 newly released or closed without sign-off');
    const signOff = join(dir, 'closing.yaml');
    const { policySetHash } = readPolicyFolder(changed).pack;
    const sign = (id: string) =>
      writeFileSync(
        signOff,
        `policySetHash: '${policySetHash}'\ncases:\n  - { case: ${id}, by: Ada, reason: reviewed }\n`,
      );
    sign('case-another');
    expect(await policyBacktest({ from, to, pack: changed, signOff })).toBe(1);
    sign(caseId);
    expect(await policyBacktest({ from, to, pack: changed, signOff })).toBe(0);
    expect(output.join('\n')).toContain('close (signed off)');
  });

  it('shows nothing where no case was decided in the time, and says so', async () => {
    expect(await policyBacktest({ from: to, to: new Date('2026-05-01T00:00:00Z'), pack: auto })).toBe(2);
    expect(output.join('\n')).toContain('No case was decided from 2026-04-01T00:00:00.000Z to 2026-05-01');
    expect(output.join('\n')).toContain('Name a time in which cases were decided');
  });

  it.each([
    ['ends before it begins', to, from],
    ['has no length', from, from],
  ])('refuses a time that %s', async (_what, begin, end) => {
    await expect(policyBacktest({ from: begin, to: end, pack: auto })).rejects.toThrow(
      /--from .* is not before --to .*: write the earlier time first/,
    );
  });

  it('is explained: the rules that fired, those that nearly did, and what would have changed it', async () => {
    expect(await policyExplain(caseId, { pack: join(packs, 'containment-first') })).toBe(0);
    const text = output.join('\n');
    expect(text).toMatch(/Release.*after secops:1, manager:1/);
    expect(text).toContain('release-low-known-device');
    const inOne = text.replace(/\s+/g, ' ');
    // All of them, each fact once, and a number as one fact with whether it is known.
    expect(inOne).toMatch(
      /Any one of these would have stopped it: .*evidenceAgeMinutes unknown or 61, .*isPrivileged (yes or unknown|unknown or yes), .*campaignUsers .*requesterVerified/,
    );
    expect(inOne).toMatch(
      /decided at \S+ by containment-first: release after secops:1, manager:1 Contain: no/,
    );
    // What is contained in another way, or held afterwards, says so.
    expect(inOne).toContain(
      'hasTokenTheft yes (it is no): at once, then a person looks, by contain-token-theft',
    );
    expect(inOne).toMatch(/isPrivileged (yes or unknown|unknown or yes) \(it is no\): after secops:2, by/);
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
    // A threat that is not there is no near miss.
    expect(text).not.toContain('nearly: contain-token-theft');
  });

  it('says of a case of a group who leads it, and who was called', async () => {
    const log = new CaseLog(db);
    const event = opened('in a group');
    await log.open(event, { bodyDigest: '0'.repeat(64), receivedAt: event.at });
    const loaded = await log.load(event.caseId);
    const about = { ...collected(loaded!.case), subjectId: sampleId(77) };
    const before = await log.append(loaded!, about);
    await log.append(
      before,
      grouped(before.case, caseId, 'newCountry', { ...courses.hold, page: ['securityLead'] }),
    );
    await policyExplain(event.caseId, { pack: join(packs, 'containment-first') });
    expect(output.join('\n')).toContain(
      `12 people had newCountry within an hour: part of the group of ${caseId}`,
    );
    expect(output.join('\n')).toContain('called at once: securityLead');
  });

  it('is not believed where it was tampered with', async () => {
    const superuser = new Client({ connectionString: postgres.ownerUrl });
    await superuser.connect();
    const broken = async (hash: string) => {
      await superuser.query('BEGIN; SET LOCAL session_replication_role = replica');
      await superuser.query('UPDATE sallyport.case_event SET hash = $1 WHERE case_id = $2 AND seq = 2', [
        hash,
        caseId,
      ]);
      await superuser.query('COMMIT');
    };
    const { rows } = await superuser.query<{ hash: string }>(
      'SELECT hash FROM sallyport.case_event WHERE case_id = $1 AND seq = 2',
      [caseId],
    );
    try {
      await broken('0'.repeat(64));
      await expect(policyBacktest({ from, to, pack: auto })).rejects.toThrow(CaseLogDamaged);
      await expect(policyExplain(caseId, { pack: auto })).rejects.toThrow(CaseLogDamaged);
    } finally {
      await broken(rows[0]?.hash ?? '');
      await superuser.end();
    }
  });

  it.each([
    ['explain', 'case-1'],
    ['backtest', '--from', '2026-03-01', '--to', '2026-04-01', '--pack', auto],
  ])('is not answered for where the database is not there: %s', async (...args) => {
    const codes: number[] = [];
    const url = process.env['DATABASE_URL'];
    // Nobody listens on the port of tcpmux.
    process.env['DATABASE_URL'] = 'postgres://sallyport@127.0.0.1:1/sallyport';
    try {
      await policyCommand((code) => codes.push(code)).parseAsync(args, { from: 'user' });
    } finally {
      process.env['DATABASE_URL'] = url;
    }
    expect(codes).toEqual([2]);
    expect(output).toEqual([expect.stringMatching(/cannot be opened: .*ECONNREFUSED.* Remedy: see that/)]);
  });

  it.each([
    ['explain', 'case-1'],
    ['backtest', '--from', '2026-03-01', '--to', '2026-04-01', '--pack', auto],
  ])('is not answered for where the database was never migrated: %s', async (...args) => {
    const codes: number[] = [];
    const url = process.env['DATABASE_URL'];
    const empty = await testPostgres();
    process.env['DATABASE_URL'] = empty.ownerUrl;
    try {
      await policyCommand((code) => codes.push(code)).parseAsync(args, { from: 'user' });
    } finally {
      process.env['DATABASE_URL'] = url;
      await empty.close();
    }
    expect(codes).toEqual([2]);
    expect(output).toEqual([expect.stringMatching(/cannot be read: .*does not exist\. Remedy: .*migrate/)]);
  });

  it('is not answered for where something fails that nobody thought of', async () => {
    const codes: number[] = [];
    jest.spyOn(console, 'log').mockImplementation(() => {
      throw new TypeError('the paper is out');
    });
    await policyCommand((code) => codes.push(code)).parseAsync(['check', auto], { from: 'user' });
    expect(codes).toEqual([2]);
    expect(output).toEqual([expect.stringMatching(/could not be answered: TypeError: the paper is out/)]);
  });

  it('leaves a wrong variable to whoever gives it its own exit code', async () => {
    const url = process.env['DATABASE_URL'];
    process.env['DATABASE_URL'] = 'nowhere';
    try {
      const asked = policyCommand(() => undefined).parseAsync(['explain', 'case-1'], { from: 'user' });
      await expect(asked).rejects.toThrow(ConfigError);
    } finally {
      process.env['DATABASE_URL'] = url;
    }
  });

  it.each([
    ['a command that there is not', ['proof']],
    ['a time that is none', ['backtest', '--from', 'yesterday', '--to', '2026-04-01', '--pack', auto]],
    ['no case', ['explain']],
  ])('is no question with %s, which is not the code of something found', async (_what, args) => {
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const codes: number[] = [];
    const asked = policyCommand((code) => codes.push(code)).parseAsync(args, { from: 'user' });
    await expect(asked).rejects.toThrow(CommanderError);
    expect(codes).toEqual([2]);
  });

  it('does not know every case', async () => {
    expect(await policyExplain('case-none', { pack: auto })).toBe(2);
    expect(output.join('\n')).toContain('There is no case case-none in this log. The console has the id');
  });
});
