import { type DynamicModule, Module } from '@nestjs/common';
import { MembershipReader } from '@sallyport/entra';
import { clockToken, type Clock } from '@sallyport/service';
import { graphClientFrom } from '@sallyport/stage';
import { ConnectorClient, createGate } from '@sallyport/teams';
import { ApprovalHandler, approvalConfigToken } from './approval.handler';
import type { ApprovalConfig } from './config';
import { gateToken, MessagesController } from './messages.controller';
import { channelToken, Messenger } from './messenger';
import { Voting } from './voting';

/** A click has ten seconds in all; each question to the directory gets less than half of them. */
const directoryTimeoutMs = 4_000;

@Module({})
export class ApprovalModule {
  static with(config: ApprovalConfig): DynamicModule {
    const serviceUrlHosts = [new URL(config.TEAMS_SERVICE_URL).host];
    const connector = new ConnectorClient({
      tenantId: config.ENTRA_TENANT_ID,
      appId: config.BOT_APP_ID,
      appSecret: config.BOT_APP_SECRET,
      serviceUrl: config.TEAMS_SERVICE_URL,
      serviceUrlHosts,
      ...(config.ENTRA_AUTHORITY_HOST && { authorityHost: config.ENTRA_AUTHORITY_HOST }),
    });
    return {
      module: ApprovalModule,
      controllers: [ApprovalHandler, MessagesController],
      providers: [
        { provide: approvalConfigToken, useValue: config },
        { provide: channelToken, useValue: config.TEAMS_APPROVALS_CHANNEL_ID },
        { provide: ConnectorClient, useValue: connector },
        {
          provide: MembershipReader,
          useValue: new MembershipReader(
            graphClientFrom(config, {
              timeoutMs: directoryTimeoutMs,
              // A person waits: before the readers of other cases.
              priority: 'release',
              budgetWaitMs: directoryTimeoutMs,
            }),
          ),
        },
        {
          provide: gateToken,
          inject: [clockToken],
          useFactory: (clock: Clock) =>
            createGate({
              appId: config.BOT_APP_ID,
              tenantId: config.ENTRA_TENANT_ID,
              serviceUrlHosts,
              clock,
              ...(config.BOT_OPENID_METADATA_URL && { openIdMetadataUrl: config.BOT_OPENID_METADATA_URL }),
              ...(config.BOT_TOKEN_ISSUER && { issuer: config.BOT_TOKEN_ISSUER }),
            }),
        },
        Messenger,
        Voting,
      ],
    };
  }
}
