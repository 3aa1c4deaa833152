import { type DynamicModule, Module } from '@nestjs/common';
import { createServiceNowClient, TicketWriter } from '@sallyport/servicenow';
import { auditConfigToken, AuditHandler } from './audit.handler';
import type { AuditConfig } from './config';
import { GroupStandings } from './group-standing';

@Module({})
export class AuditModule {
  static with(config: AuditConfig): DynamicModule {
    const client = createServiceNowClient({
      instanceUrl: config.SERVICENOW_URL,
      clientId: config.SERVICENOW_CLIENT_ID,
      clientSecret: config.SERVICENOW_CLIENT_SECRET,
    });
    return {
      module: AuditModule,
      controllers: [AuditHandler],
      providers: [
        { provide: auditConfigToken, useValue: config },
        GroupStandings,
        { provide: TicketWriter, useValue: new TicketWriter(client, config.SERVICENOW_USER_NAME) },
      ],
    };
  }
}
