import { type DynamicModule, Module } from '@nestjs/common';
import { ReceivedActivities } from '@sallyport/case-log';
import { MembershipReader } from '@sallyport/entra';
import {
  clockToken,
  type Clock,
  type Logger,
  loggerToken,
  Readiness,
  registryToken,
} from '@sallyport/service';
import { ApproverGroups, roleGroups, roleGroupsToken, voterDirectoryFrom, Voting } from '@sallyport/stage';
import { botClouds, ConnectorClient, createGate } from '@sallyport/teams';
import type { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { ApprovalHandler } from './approval.handler';
import { ClickMeter } from './click-meter';
import { Clicks } from './clicks';
import { type ApprovalConfig, approvalConfigToken } from './config';
import { Copies } from './copies';
import { GroupNotices } from './group-notices';
import { gateToken, MessagesController } from './messages.controller';
import { Messenger } from './messenger';
import { Notices } from './notices';
import { Results } from './results';
import { ReviewEnds } from './review-ends';
import { ReviewNotices } from './review-notices';

@Module({})
export class ApprovalModule {
  static with(config: ApprovalConfig): DynamicModule {
    const serviceUrlHosts = [new URL(config.TEAMS_SERVICE_URL).host];
    const directory = voterDirectoryFrom(config);
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
        { provide: MembershipReader, useValue: directory.people },
        {
          provide: ApproverGroups,
          inject: [Readiness, registryToken, loggerToken],
          useFactory: (readiness: Readiness, registry: Registry, logger: Logger) =>
            new ApproverGroups({
              ...{ service: 'approval', readiness, registry, logger, groups: roleGroups(config) },
              requirement: config.APPROVER_GROUPS_PROTECTED,
              protectionOf: directory.protectionOf,
            }),
        },
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
        ReviewNotices,
        ReviewEnds,
        GroupNotices,
        Copies,
        Results,
        {
          provide: ReceivedActivities,
          inject: [DataSource],
          useFactory: (db: DataSource) => new ReceivedActivities(db),
        },
        {
          provide: ClickMeter,
          inject: [registryToken],
          useFactory: (registry: Registry) => new ClickMeter(registry),
        },
        Voting,
        Clicks,
      ],
    };
  }
}
