/** For specs: the Bot Framework's metadata and keys over HTTP, and tokens signed with them. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type CryptoKey, SignJWT } from 'jose';

export const botIssuer = 'https://api.botframework.com';

export interface Signature {
  kid?: string | null;
  alg?: string;
  typ?: string;
  key?: CryptoKey | Uint8Array;
}
export interface Claims {
  iss?: string | null;
  aud?: string | string[] | null;
  /** Seconds from now. */
  nbf?: number | null;
  exp?: number | null;
  serviceurl?: string | null;
  [claim: string]: unknown;
}

/** Key `k1` speaks for Teams, `k2` for another channel only, `k3` for nobody; `rotated` is published on request. */
export async function botFramework(audience: string, serviceUrl: string, clock: () => Date) {
  const [k1, k2, k3, rotated, stranger] = await Promise.all(
    Array.from({ length: 5 }, () => generateKeyPair('RS256')),
  );
  if (!k1 || !k2 || !k3 || !rotated || !stranger) throw new Error('no keys');
  const jwk = async (kid: string, { publicKey }: { publicKey: CryptoKey }, endorsements?: string[]) => ({
    ...(await exportJWK(publicKey)),
    kid,
    use: 'sig',
    ...(endorsements && { endorsements }),
  });
  const published = [
    await jwk('k1', k1, ['msteams', 'webchat']),
    await jwk('k2', k2, ['webchat']),
    await jwk('k3', k3),
  ];
  const server = createServer((request, response) => {
    const body = request.url?.endsWith('/keys')
      ? { keys: published }
      : { issuer: botIssuer, jwks_uri: `${origin}/keys` };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const privateKeys: Record<string, CryptoKey> = {
    k1: k1.privateKey,
    k2: k2.privateKey,
    k3: k3.privateKey,
    rotated: rotated.privateKey,
  };

  return {
    openIdMetadataUrl: `${origin}/openidconfiguration`,
    keys: { k1, stranger },
    /** From now on only `rotated` signs for Teams, and `k1` is withdrawn. */
    rotate: async () => void published.splice(0, 1, await jwk('rotated', rotated, ['msteams'])),
    /** A true token, but for what is given; null leaves a claim out. */
    token(
      claims: Claims = {},
      { kid = 'k1', alg = 'RS256', typ = 'JWT', key }: Signature = {},
    ): Promise<string> {
      const nowS = Math.floor(clock().getTime() / 1_000);
      const { nbf = 0, exp = 3_600, ...rest } = claims;
      const all = {
        iss: botIssuer,
        aud: audience,
        serviceurl: serviceUrl,
        ...rest,
        nbf: nbf === null ? null : nowS + nbf,
        exp: exp === null ? null : nowS + exp,
      };
      const present = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
      const signer = key ?? privateKeys[kid ?? ''] ?? k1.privateKey;
      return new SignJWT(present).setProtectedHeader({ alg, typ, ...(kid !== null && { kid }) }).sign(signer);
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
