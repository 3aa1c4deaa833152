import { importJWK, type CryptoKey } from 'jose';
import { z } from 'zod';
import { boundedText } from './bounded-text';

export interface SigningKey {
  key: CryptoKey;
  /** Channels that this key may speak for; jose's own key sets drop this property. */
  endorsements: readonly string[];
}

/** The Bot Framework documentation allows keys to be cached for a day at most. */
const keysMaxAgeMs = 24 * 60 * 60 * 1_000;
/** A token can name any key id: a flood of unknown ones must not become a flood of fetches. */
const fetchIntervalMs = 60_000;
/** With no key at all every click is refused, so failures are retried sooner. */
const emptyIntervalMs = 2_000;
const fetchTimeoutMs = 5_000;
const documentMaxBytes = 512 * 1024;
const keysMax = 100;

const metadataSchema = z.object({ issuer: z.string(), jwks_uri: z.url() });
const keySetSchema = z.object({ keys: z.array(z.looseObject({ kid: z.string().optional() })).max(keysMax) });
const rsaKeySchema = z.object({
  kty: z.literal('RSA'),
  kid: z.string().min(1),
  n: z.string(),
  e: z.string(),
  use: z.literal('sig').optional(),
  endorsements: z.array(z.string()).default([]),
});

/** The keys that the Bot Connector signs with, fetched through its OpenID metadata. */
export class SigningKeys {
  private keys: ReadonlyMap<string, SigningKey> = new Map();
  private fetchedAtMs = -Infinity;
  private triedAtMs = -Infinity;
  private pending: Promise<void> | null = null;

  constructor(
    private readonly metadataUrl: string,
    private readonly issuer: string,
    private readonly clock: () => Date,
  ) {}

  /**
   * @returns null for a key id that the Bot Connector does not publish.
   * @throws Error where no key set younger than a day can be had.
   */
  async find(keyId: string): Promise<SigningKey | null> {
    if (!this.fresh() || !this.keys.has(keyId)) await this.refresh();
    if (!this.fresh()) throw new Error('no signing keys younger than a day');
    return this.keys.get(keyId) ?? null;
  }

  private fresh(): boolean {
    return this.clock().getTime() - this.fetchedAtMs < keysMaxAgeMs;
  }

  private async refresh(): Promise<void> {
    const intervalMs = this.fresh() ? fetchIntervalMs : emptyIntervalMs;
    const nowMs = this.clock().getTime();
    if (this.pending === null && nowMs - this.triedAtMs < intervalMs) return;
    this.triedAtMs = this.pending === null ? nowMs : this.triedAtMs;
    this.pending ??= this.fetch().finally(() => (this.pending = null));
    try {
      await this.pending;
    } catch (error) {
      // Keys of less than a day go on being good while the metadata cannot be reached.
      if (!this.fresh()) throw error;
    }
  }

  private async fetch(): Promise<void> {
    const metadata = metadataSchema.parse(await fetchJson(this.metadataUrl));
    if (metadata.issuer !== this.issuer) throw new Error('the metadata names another issuer');
    // The metadata may not send us elsewhere: what it names must live where it lives.
    if (new URL(metadata.jwks_uri).origin !== new URL(this.metadataUrl).origin) {
      throw new Error('the metadata names keys on another host');
    }
    const { keys } = keySetSchema.parse(await fetchJson(metadata.jwks_uri));
    const imported = new Map<string, SigningKey>();
    for (const candidate of keys) {
      const parsed = rsaKeySchema.safeParse(candidate);
      if (!parsed.success) continue;
      const { kid, kty, n, e, endorsements } = parsed.data;
      const key = await importJWK({ kty, n, e }, 'RS256');
      if (!(key instanceof Uint8Array)) imported.set(kid, { key, endorsements });
    }
    this.keys = imported;
    this.fetchedAtMs = this.clock().getTime();
  }
}

async function fetchJson(url: string): Promise<unknown> {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(fetchTimeoutMs) });
  if (!response.ok) throw new Error(`HTTP ${response.status} for signing keys`);
  return JSON.parse(await boundedText(response, documentMaxBytes));
}
