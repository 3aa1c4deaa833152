import type { Case } from '@sallyport/case';
import { sampleId } from '@sallyport/evidence/testing';
import { Problem } from '@sallyport/service';
import { createGate } from '@sallyport/teams';
import { Registry } from 'prom-client';
import { ClickMeter } from './click-meter';
import { MessagesController } from './messages.controller';
import { approvalRig, type ApprovalRig, voting } from './testing/approval-rig';
import { botEndpoint, type BotEndpoint } from './testing/bot-endpoint';
import { people } from './testing/teams-and-directory';

let rig: ApprovalRig;
let controller: MessagesController;
beforeAll(async () => {
  rig = await approvalRig();
  const { BOT_APP_ID: appId, ENTRA_TENANT_ID: tenantId } = rig.config;
  controller = new MessagesController(
    createGate({ appId, tenantId, serviceUrlHosts: ['127.0.0.1'] }),
    rig.clicks,
    new ClickMeter(new Registry()),
    rig.logger,
  );
}, 60_000);
afterAll(() => rig.close());

it.each([
  ['no token', undefined, 401, 'missingToken'],
  ['a token that is none', 'Bearer a.b.c', 401, 'invalidToken'],
  ['a token without signature', `Bearer ${unsigned()}`, 401, 'invalidToken'],
])('turns %s away as a problem that tells a forger nothing', async (_, authorization, status, code) => {
  const refused = await controller
    .receive(authorization, { type: 'invoke' })
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Problem);
  expect(refused).toMatchObject({
    status,
    code,
    detail: 'The activity was not accepted. Nothing was recorded.',
  });
});

describe('a click that fails', () => {
  let endpoint: BotEndpoint;
  beforeAll(async () => {
    endpoint = await botEndpoint(rig);
  }, 60_000);
  afterAll(() => endpoint.stop());
  beforeEach(() => rig.reset());

  const click = async (c: Case) => endpoint.post(await endpoint.bearer(), endpoint.activity(c, people.ada));
  const error = (code: string, message: string) => ({
    status: 200,
    body: { statusCode: 500, type: 'application/vnd.microsoft.error', value: { code, message } },
  });
  const again =
    'This click could not be answered. Please click again: a vote counts once, however often you click.';

  it.each<[string, 'diesBefore' | 'diesAfter', number]>([
    ['before its vote is stored', 'diesBefore', 0],
    ['after it is', 'diesAfter', 1],
  ])('%s is answered as an invoke, in words that are true', async (_, dies, stored) => {
    const c = await rig.newCase(...voting([{ role: 'secops', count: 2 }]));
    rig.crashingLog[dies] = 'approval.voted';
    expect(await click(c)).toMatchObject(error('failed', again));
    expect((await rig.caseNow(c)).proposal?.votes).toHaveLength(stored);
    expect(await click(c)).toMatchObject({ status: 200, body: { statusCode: 200 } });
    expect((await rig.caseNow(c)).proposal?.votes).toHaveLength(1);
  });

  it('because the log of its case is damaged is answered as on a case that is not there, and counted', async () => {
    const c = await rig.newCase(...voting([{ role: 'secops', count: 2 }]));
    await rig.db.query(`UPDATE sallyport.case_head SET hash = repeat('0', 64) WHERE case_id = $1`, [c.id]);
    const { caseLogDamaged: before = 0 } = await endpoint.outcomes();
    const answer = await click(c);
    expect(answer).toEqual(await click({ ...c, id: `case-${'0'.repeat(32)}` }));
    expect(answer.body).toMatchObject({
      statusCode: 200,
      value: 'This card does not belong to an open case.',
    });
    expect((await endpoint.outcomes())['caseLogDamaged']).toBe(before + 1);
  });
});

it('measures every answer, of the gate as well, by what became of it', async () => {
  await rig.reset();
  const endpoint = await botEndpoint(rig);
  try {
    const c = await rig.newCase(...voting([{ role: 'secops', count: 2 }]));
    const token = await endpoint.bearer();
    const look = endpoint.activity(c, people.ada);
    await endpoint.post(token, { ...look, value: { ...look.value, trigger: 'automatic' } });
    for (const id of [people.ada, people.stranger, people.stranger, people.guest]) {
      await endpoint.post(token, endpoint.activity(c, id));
    }
    await endpoint.post(token, { ...endpoint.activity(c, people.ada), channelId: 'webchat' });
    await endpoint.post(undefined, endpoint.activity(c, people.ada));
    await endpoint.post(token, endpoint.activity({ ...c, id: `case-${'0'.repeat(32)}` }, people.ada));
    expect(await endpoint.outcomes()).toEqual({
      ...{ shown: 1, recorded: 1, noRole: 2, guest: 1 },
      ...{ malformedActivity: 1, missingToken: 1, unknownCard: 1 },
    });
  } finally {
    await endpoint.stop();
  }
});

function unsigned(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', kid: 'k' })}.${part({ aud: sampleId(82) })}.x`;
}
