import { ClientSecretCredential, type TokenCredential } from '@azure/identity';
import type { MessageRef } from '@sallyport/evidence';
import { z } from 'zod';
import type { AdaptiveCard } from './cards/adaptive-card';
import { visibleText } from './cards/visible-text';
import { botClouds } from './bot-cloud';
import { connectorCall } from './connector-call';
import { ConversationPace } from './conversation-pace';
import { LatestFirst } from './latest-first';
import { repeat } from './repeat';
import { type Runtime, systemRuntime } from './runtime';
import { isAllowedServiceUrl } from './service-url';
import { TeamsError } from './teams-error';

export interface ConnectorOptions {
  tenantId: string;
  /** Application id of the bot, single tenant. */
  appId: string;
  appSecret: string;
  /** Where new conversations are started, e.g. `https://smba.trafficmanager.net/emea/`. */
  serviceUrl: string;
  /** Hosts that the bot's token may be sent to. */
  serviceUrlHosts: readonly string[];
  /** Origin of the login service. Default `https://login.microsoftonline.com`. */
  authorityHost?: string;
  /** What the bot's token is asked for. Default: that of the public cloud's Bot Connector. */
  tokenScope?: string;
  /** How many times the documented number of messages may be sent into a conversation. Default 1. */
  limitsFactor?: number;
  /** Bound of one call. Default 10 s. */
  timeoutMs?: number;
}

/**
 * A channel by its `19:…@thread.tacv2` id, a person by directory object id (or the `29:…` id of this bot), or a
 * conversation that there is: what is posted there stands below the message that began it.
 */
export type MessageTarget = { channelId: string } | { userId: string } | { conversationId: string };

const cardContentType = 'application/vnd.microsoft.card.adaptive';
const summaryMaxLength = 200;
/** After a 429 without Retry-After: the longest of the short windows of Teams' limits that a burst fills. */
const throttledPauseMs = 2_000;
/** Teams takes about 100 KB, counted in UTF-16, and answers 413 to more; nothing of ours comes near. */
const activityMaxLength = 40_000;

const conversationSchema = z.object({ id: z.string().min(1), activityId: z.string().min(1).optional() });
const sentSchema = z.object({ id: z.string().min(1) });

/**
 * Posts and updates cards, within Teams' limits for each conversation. A post is sent once: whether to send it again is
 * the decision of the caller's ledger. An update does no harm twice, so that it is repeated here.
 */
export class ConnectorClient {
  private readonly timeoutMs: number;
  private readonly pace: ConversationPace;
  private readonly updates = new LatestFirst();

  /**
   * @param credential default: the bot's secret
   * @throws TypeError where the service URL is not on an allowed host
   */
  constructor(
    private readonly options: ConnectorOptions,
    private readonly credential: TokenCredential = credentialOf(options),
    private readonly runtime: Runtime = systemRuntime,
  ) {
    if (!isAllowedServiceUrl(options.serviceUrl, options.serviceUrlHosts)) {
      throw new TypeError('the service URL must be https on an allowed host');
    }
    this.timeoutMs = options.timeoutMs ?? 10_000;
    this.pace = new ConversationPace(runtime, options.limitsFactor);
  }

  /**
   * @param summary what a notification shows instead of the card
   * @throws TeamsError; with `maybeDelivered` a copy may stand in Teams that nobody can update: cards must be
   * idempotent
   */
  async post(target: MessageTarget, card: AdaptiveCard, summary: string): Promise<MessageRef> {
    const { serviceUrl } = this.options;
    const activity = activityOf(card, summary);
    if ('channelId' in target) {
      const opened = await this.openConversation(target.channelId, {
        isGroup: true,
        channelData: { channel: { id: target.channelId }, tenant: { id: this.options.tenantId } },
        activity,
      });
      if (opened.activityId === undefined) throw this.unexpected('noActivityId');
      return { serviceUrl, conversationId: opened.id, activityId: opened.activityId };
    }
    const conversationId =
      'conversationId' in target ? target.conversationId : await this.chatWith(target.userId);
    const url = urlOf(serviceUrl, conversationId);
    const sent = sentSchema.safeParse(await this.call(conversationId, 'POST', url, activity));
    if (!sent.success) throw this.unexpected('noActivityId');
    return { serviceUrl, conversationId, activityId: sent.data.id };
  }

  private async chatWith(userId: string): Promise<string> {
    try {
      const opened = await repeat(this.runtime, () =>
        this.openConversation(userId, {
          members: [{ id: userId }],
          channelData: { tenant: { id: this.options.tenantId } },
        }),
      );
      return opened.id;
    } catch (error) {
      // Opening a 1:1 conversation shows nothing to anybody and gives the same one again.
      throw error instanceof TeamsError
        ? new TeamsError({ ...error, maybeDelivered: false, cause: error })
        : error;
    }
  }

  /**
   * Replaces the card of a message that we posted; repeating it is harmless. Updates of one message go one after
   * another, and one that still waits when a newer one comes is left out.
   *
   * @throws TeamsError once all attempts have failed
   */
  async update(ref: MessageRef, card: AdaptiveCard, summary: string): Promise<void> {
    // The reference comes out of a store: our token must not follow it anywhere.
    if (!isAllowedServiceUrl(ref.serviceUrl, this.options.serviceUrlHosts)) {
      throw new TeamsError({ kind: 'rejected', status: null, code: 'serviceUrlNotAllowed' });
    }
    const url = `${urlOf(ref.serviceUrl, ref.conversationId)}/${encodeURIComponent(ref.activityId)}`;
    const activity = { ...activityOf(card, summary), id: ref.activityId };
    await this.updates.run(url, () =>
      repeat(this.runtime, async () => {
        await this.call(ref.conversationId, 'PUT', url, activity);
      }),
    );
  }

  private async openConversation(paced: string, body: object): Promise<z.infer<typeof conversationSchema>> {
    const { tenantId, appId } = this.options;
    const url = new URL('v3/conversations', withSlash(this.options.serviceUrl)).href;
    const answer = await this.call(paced, 'POST', url, { bot: { id: `28:${appId}` }, tenantId, ...body });
    const opened = conversationSchema.safeParse(answer);
    if (!opened.success) throw this.unexpected('noConversationId');
    return opened.data;
  }

  /** @param conversation what Teams' limits count by */
  private async call(
    conversation: string,
    method: 'POST' | 'PUT',
    url: string,
    body: unknown,
  ): Promise<unknown> {
    if (JSON.stringify(body).length > activityMaxLength) {
      throw new TeamsError({ kind: 'tooBig', status: null, code: 'messageTooBig' });
    }
    const { timeoutMs } = this;
    const token = await this.token();
    await this.pace.turn(conversation);
    try {
      return await connectorCall({ method, url, body, token, timeoutMs });
    } catch (error) {
      if (error instanceof TeamsError && error.kind === 'throttled') {
        this.pace.pause(conversation, error.retryAfterMs ?? throttledPauseMs);
      }
      throw error;
    }
  }

  private async token(): Promise<string> {
    try {
      const token = await this.credential.getToken(this.options.tokenScope ?? botClouds.public.tokenScope, {
        abortSignal: AbortSignal.timeout(this.timeoutMs),
      });
      if (token?.token) return token.token;
    } catch (cause) {
      const status =
        cause instanceof Error && 'statusCode' in cause && typeof cause.statusCode === 'number'
          ? cause.statusCode
          : null;
      const refused = status === 400 || status === 401;
      const facts = refused
        ? ({ kind: 'rejected', code: 'tokenRefused' } as const)
        : ({ kind: 'unavailable', code: 'tokenUnavailable' } as const);
      throw new TeamsError({ ...facts, status, cause });
    }
    throw new TeamsError({ kind: 'unavailable', status: null, code: 'tokenUnavailable' });
  }

  private unexpected(code: string): TeamsError {
    return new TeamsError({ kind: 'unavailable', status: 200, code, maybeDelivered: true });
  }
}

function credentialOf({ tenantId, appId, appSecret, authorityHost }: ConnectorOptions): TokenCredential {
  return new ClientSecretCredential(tenantId, appId, appSecret, {
    retryOptions: { maxRetries: 1, retryDelayInMs: 500, maxRetryDelayInMs: 2_000 },
    // Instance discovery asks Microsoft's public cloud about the authority, which cannot know a private one.
    ...(authorityHost ? { authorityHost, disableInstanceDiscovery: true } : {}),
  });
}

function activityOf(card: AdaptiveCard, summary: string) {
  return {
    type: 'message',
    summary: visibleText(summary, summaryMaxLength),
    attachments: [{ contentType: cardContentType, content: card }],
  };
}

const withSlash = (url: string) => (url.endsWith('/') ? url : `${url}/`);

function urlOf(serviceUrl: string, conversationId: string): string {
  return new URL(`v3/conversations/${encodeURIComponent(conversationId)}/activities`, withSlash(serviceUrl))
    .href;
}
