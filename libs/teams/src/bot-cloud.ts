/** What differs between Microsoft's clouds for a bot: who signs what it receives, and what its own token is for. */
export interface BotCloud {
  /** `iss` of the Bot Connector's tokens. */
  issuer: string;
  /** Where its signing keys are named. */
  openIdMetadataUrl: string;
  /** Scope of the token that the bot sends. */
  tokenScope: string;
  /** Origin of the login service that issues it. */
  authorityHost: string;
}

/**
 * `usGovernment` is GCC High and DoD; GCC is in the public cloud. `china` is operated by 21Vianet.
 * https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 * https://learn.microsoft.com/azure/bot-service/how-to-deploy-gov-cloud-high
 * https://docs.azure.cn/bot-service/how-to-deploy-china-cloud
 */
export const botClouds = {
  public: {
    issuer: 'https://api.botframework.com',
    openIdMetadataUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
    tokenScope: 'https://api.botframework.com/.default',
    authorityHost: 'https://login.microsoftonline.com',
  },
  usGovernment: {
    issuer: 'https://api.botframework.us',
    openIdMetadataUrl: 'https://login.botframework.azure.us/v1/.well-known/openidconfiguration',
    tokenScope: 'https://api.botframework.us/.default',
    authorityHost: 'https://login.microsoftonline.us',
  },
  china: {
    issuer: 'https://api.botframework.azure.cn',
    openIdMetadataUrl: 'https://login.botframework.azure.cn/v1/.well-known/openidconfiguration',
    tokenScope: 'https://api.botframework.azure.cn/.default',
    authorityHost: 'https://login.partner.microsoftonline.cn',
  },
} as const satisfies Record<string, BotCloud>;
export type BotCloudName = keyof typeof botClouds;

export const botCloudNames = ['public', 'usGovernment', 'china'] as const satisfies readonly BotCloudName[];
