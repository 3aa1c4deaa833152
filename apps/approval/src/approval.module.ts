import { type DynamicModule, Module } from '@nestjs/common';
import { MembershipReader } from '@sallyport/entra';
import { clockToken, type Clock } from '@sallyport/service';
import { membershipReaderFrom, roleGroups, roleGroupsToken, Voting } from '@sallyport/stage';
import { botClouds, ConnectorClient, createGate } from '@sallyport/teams';
import { ApprovalHandler } from './approval.handler';
import { Clicks } from './clicks';
import { type ApprovalConfig, approvalConfigToken } from './config';
import { Copies } from './copies';
import { gateToken, MessagesController } from './messages.controller';
import { Messenger } from './messenger';
import { Notices } from './notices';

@Module({})
export class ApprovalModule {
  static with(config: ApprovalConfig): DynamicModule {
    const serviceUrlHosts = [new URL(config.TEAMS_SERVICE_URL).host];
    const cloud = botClouds[config.BOT_CLOUD];
    const connector = new ConnectorClient({
      tenantId: config.ENTRA_TENANT_ID,
      appId: config.BOT_APP_ID,
      appSecret: config.BOT_APP_SECRET,
      serviceUrl: config.TEAMS_SERVICE_URL,
      serviceUrlHosts,
      tokenScope: cloud.tokenScope,
      limitsFactor: config.TEAMS_LIMITS_FACTOR,
      authorityHost: config.ENTRA_AUTHORITY_HOST ?? cloud.authorityHost,
    });
    return {
      module: ApprovalModule,
      controllers: [ApprovalHandler, MessagesController],
      providers: [
        { provide: approvalConfigToken, useValue: config },
        { provide: ConnectorClient, useValue: connector },
        { provide: MembershipReader, useValue: membershipReaderFrom(config) },
        { provide: roleGroupsToken, useValue: roleGroups(config) },
        {
          provide: gateToken,
          inject: [clockToken],
          useFactory: (clock: Clock) =>
            createGate({
              appId: config.BOT_APP_ID,
              tenantId: config.ENTRA_TENANT_ID,
              serviceUrlHosts,
              clock,
              openIdMetadataUrl: config.BOT_OPENID_METADATA_URL ?? cloud.openIdMetadataUrl,
              issuer: config.BOT_TOKEN_ISSUER ?? cloud.issuer,
            }),
        },
        Messenger,
        Notices,
        Copies,
        Voting,
        Clicks,
      ],
    };
  }
}
