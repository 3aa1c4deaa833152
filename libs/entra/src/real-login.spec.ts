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
 * only at its start. The other specs use plain HTTP on loopback, where the SDK attaches no token.
 */
const tenant = 'c2b1f3a0-8a4b-4e77-b7c3-2f6a1d9e0003';
const program = `
import { createGraphClient, EvidenceReader } from './index';
const origin = process.argv[2]!;
const client = createGraphClient({
  tenantId: '${tenant}', clientId: 'reader', clientSecret: 'secret', baseUrl: origin, authorityHost: origin,
});
const id = '3f1b6a52-7c0d-4e7e-9a0f-2b1f0d5c9e11';
const risks = [await new EvidenceReader(client, ['c']).risk(id), await new EvidenceReader(client, ['c']).risk(id)];
console.log(JSON.stringify(risks));
`;
let directory: string;
let server: Server;
const received: string[] = [];

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
      json({ token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: 'the-token' });
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

it('gets one token with the secret, reuses it, and sends it to a Graph that is not on a Microsoft host', async () => {
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
  const known = { state: 'known', value: expect.objectContaining({ level: 'low' }) };
  expect(JSON.parse(stdout)).toEqual([expect.objectContaining(known), expect.objectContaining(known)]);
  expect(received.filter((line) => line.startsWith('POST'))).toHaveLength(1);
  expect(received.filter((line) => line.endsWith('Bearer the-token'))).toHaveLength(2);
});
