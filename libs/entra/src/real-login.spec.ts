import { buildSync } from 'esbuild';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { generate } from 'selfsigned';

/*
 * The real credential and the real SDK over TLS, in a process of its own: Node reads extra certificate authorities
 * only at its start. The other specs use plain HTTP on loopback, where the SDK attaches no token: that it goes to a host that is
 * not Microsoft's is shown here.
 */
const tenant = 'c2b1f3a0-8a4b-4e77-b7c3-2f6a1d9e0003';
/** Whoever is asked about with the first token makes Graph refuse it. */
const refusing = '3f1b6a52-7c0d-4e7e-9a0f-2b1f0d5c9e12';
const challenge = Buffer.from('{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}').toString(
  'base64',
);
const program = `
import { createGraphClient, EvidenceReader } from './index';
const origin = process.argv[2]!;
const client = createGraphClient({
  tenantId: '${tenant}', clientId: 'reader', clientSecret: 'secret', baseUrl: origin, authorityHost: origin,
});
const id = '3f1b6a52-7c0d-4e7e-9a0f-2b1f0d5c9e11';
const read = (userId) => new EvidenceReader(client, ['c']).risk(userId);
console.log(JSON.stringify([await read(id), await read(id), await read('${refusing}'), await read(id)]));
`;
let directory: string;
let server: Server;
const received: string[] = [];
const tokenRequests: URLSearchParams[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'entra-login-'));
  const tls = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
    ],
  });
  writeFileSync(join(directory, 'ca.pem'), tls.cert);
  server = createServer({ key: tls.private, cert: tls.cert }, (request, response) => {
    const origin = `https://${request.headers.host}`;
    const json = (body: unknown) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    received.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`.trim());
    if (request.url?.includes('openid-configuration')) {
      const token_endpoint = `${origin}/${tenant}/oauth2/v2.0/token`;
      json({
        issuer: `${origin}/${tenant}/v2.0`,
        token_endpoint,
        authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/authorize`,
        jwks_uri: `${origin}/${tenant}/discovery/v2.0/keys`,
      });
    } else if (request.method === 'POST') {
      let form = '';
      request.on('data', (chunk: Buffer) => (form += chunk.toString('utf8')));
      request.on('end', () => {
        const count = tokenRequests.push(new URLSearchParams(form));
        const access_token = `token-${count}`;
        json({ token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token });
      });
    } else if (request.url?.includes(refusing) && request.headers.authorization === 'Bearer token-1') {
      const body = { error: { code: 'InvalidAuthenticationToken', message: 'words' } };
      const words = `Bearer realm="", error="insufficient_claims", claims="${challenge}"`;
      response.writeHead(401, { 'content-type': 'application/json', 'www-authenticate': words });
      response.end(JSON.stringify(body));
    } else {
      json({
        riskLevel: 'low',
        riskState: 'atRisk',
        riskDetail: 'none',
        isProcessing: false,
        isDeleted: false,
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(directory, { recursive: true, force: true });
});

it('gets one token with the secret, reuses it until Graph refuses it, and then the next one', async () => {
  const outfile = join(directory, 'program.mjs');
  buildSync({
    stdin: { contents: program, resolveDir: __dirname, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@sallyport/source'],
    // CommonJS dependencies inside an ES module ask for Node's own modules with `require`.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    outfile,
  });
  const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  const { stdout } = await promisify(execFile)(process.execPath, [outfile, origin], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: join(directory, 'ca.pem') },
    timeout: 50_000,
  });
  const known = expect.objectContaining({ state: 'known', value: expect.objectContaining({ level: 'low' }) });
  expect(JSON.parse(stdout)).toEqual([known, known, known, known]);
  const asked = received.filter((line) => line.startsWith('GET /v1.0')).map((line) => line.split(' ').at(-1));
  expect(asked).toEqual(['token-1', 'token-1', 'token-1', 'token-2', 'token-2']);
  // MSAL adds claims of its own about other tokens.
  const claims = tokenRequests.map((form) => JSON.parse(form.get('claims') ?? 'null')?.access_token);
  expect(claims).toEqual([undefined, { nbf: { essential: true, value: '1604106651' } }]);
});
