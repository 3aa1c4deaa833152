/** For specs: the bot's endpoint over HTTP on a real log, and what the Bot Connector sends there. */
import { type INestApplication, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Case } from '@sallyport/case';
import { cardId } from '@sallyport/idempotency';
import { createLogger, listen, loggerToken } from '@sallyport/service';
import { createGate } from '@sallyport/teams';
import { Registry } from 'prom-client';
import { ClickMeter } from '../click-meter';
import { Clicks } from '../clicks';
import { activityBodies, gateToken, MessagesController } from '../messages.controller';
import type { ApprovalRig } from './approval-rig';
import { botFramework, type Claims, type Signature } from './bot-framework';

export const serviceUrl = 'https://smba.trafficmanager.net/emea/';

export interface Answer {
  status: number;
  type: string | null;
  body: unknown;
}

/** No two activities of a process have one id. */
let clicked = 0;

export type BotEndpoint = Awaited<ReturnType<typeof botEndpoint>>;

export async function botEndpoint(rig: ApprovalRig) {
  const { BOT_APP_ID: appId, ENTRA_TENANT_ID: tenantId } = rig.config;
  const bot = await botFramework(appId, serviceUrl, rig.clock);
  const gate = createGate({
    appId,
    tenantId,
    serviceUrlHosts: ['smba.trafficmanager.net'],
    openIdMetadataUrl: bot.openIdMetadataUrl,
    clock: rig.clock,
  });
  const registry = new Registry();
  @Module({})
  class Endpoint {}
  const app: INestApplication = await NestFactory.create(
    {
      module: Endpoint as Type,
      controllers: [MessagesController],
      providers: [
        { provide: gateToken, useValue: gate },
        { provide: Clicks, useValue: rig.clicks },
        { provide: ClickMeter, useValue: new ClickMeter(registry) },
        { provide: loggerToken, useValue: rig.logger },
      ],
    },
    { bodyParser: false, logger: false },
  );
  app.use('/api/messages', activityBodies());
  const port = await listen(app, createLogger('spec', 'silent'), { HOST: '127.0.0.1', PORT: 0 });
  const url = `http://127.0.0.1:${port}/api/messages`;

  return {
    bot,
    /** How often each outcome was counted. */
    outcomes: async (): Promise<Record<string, number>> => {
      const counted = (await registry.metrics()).matchAll(/_count\{outcome="(\w+)"\} (\d+)/g);
      return Object.fromEntries([...counted].map(([, outcome, count]) => [outcome, Number(count)]));
    },
    bearer: async (claims?: Claims, signature?: Signature) => `Bearer ${await bot.token(claims, signature)}`,
    async post(authorization: string | undefined, body: unknown): Promise<Answer> {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(authorization !== undefined && { authorization }),
        },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return {
        status: response.status,
        type: response.headers.get('content-type'),
        body: await response.json(),
      };
    },
    /** An approval of this person's, as the Bot Connector would send it. */
    activity(c: Case, voterId: string) {
      clicked += 1;
      return {
        type: 'invoke',
        name: 'adaptiveCard/action',
        id: `f:${clicked}`,
        timestamp: rig.clock().toISOString(),
        channelId: 'msteams',
        serviceUrl,
        from: { id: '29:ada', name: 'Ada', aadObjectId: voterId },
        recipient: { id: `28:${appId}` },
        conversation: {
          id: '19:c@thread.tacv2;messageid=1',
          conversationType: 'channel',
          isGroup: true,
          tenantId,
        },
        channelData: { tenant: { id: tenantId } },
        replyToId: '1',
        value: {
          action: {
            type: 'Action.Execute',
            verb: 'approve',
            data: { d: cardId(c.id, c.proposal?.digest ?? '') },
          },
          trigger: 'manual',
        },
      };
    },
    async stop(): Promise<void> {
      await app.close();
      await bot.stop();
    },
  };
}
