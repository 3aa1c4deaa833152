import { sampleId } from '@sallyport/evidence/testing';
import { Problem } from '@sallyport/service';
import { createGate } from '@sallyport/teams';
import { MessagesController } from './messages.controller';
import { approvalRig, type ApprovalRig } from './testing/approval-rig';

let rig: ApprovalRig;
let controller: MessagesController;
beforeAll(async () => {
  rig = await approvalRig();
  const { BOT_APP_ID: appId, ENTRA_TENANT_ID: tenantId } = rig.config;
  controller = new MessagesController(
    createGate({ appId, tenantId, serviceUrlHosts: ['127.0.0.1'] }),
    rig.clicks,
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

function unsigned(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', kid: 'k' })}.${part({ aud: sampleId(82) })}.x`;
}
