import { calculateJwkThumbprint, exportJWK, generateKeyPair, type CryptoKey, type JWK } from 'jose';

/** A signing key pair and its public half as it stands in a key set. */
export interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  publicJwk: JWK;
}

export interface SigningKeys {
  /** Signs what Entra issues: access tokens and id tokens. */
  entra: SigningKey;
  /** Signs what the Bot Connector sends to a bot. */
  botConnector: SigningKey;
}

export async function makeSigningKeys(): Promise<SigningKeys> {
  const [entra, botConnector] = await Promise.all([makeSigningKey(), makeSigningKey()]);
  return { entra, botConnector };
}

async function makeSigningKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { kid, privateKey, publicKey, publicJwk: { ...jwk, kid, use: 'sig', alg: 'RS256' } };
}
