import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Sessions } from './sessions';

/** What a browser behind a proxy that ends TLS, and says nothing about it, is told to keep. */
async function cookiesAt(publicUrl: string): Promise<string[]> {
  const sessions = new Sessions(
    { PUBLIC_URL: new URL(publicUrl), SESSION_SECRET: 'x'.repeat(32) },
    () => new Date('2026-11-23T08:00:00Z'),
  );
  const app = express().use(...sessions.middleware(), (request, response) => {
    sessions.signIn(
      request,
      { id: 'somebody', directoryId: null, name: 'Somebody', role: 'viewer' },
      { provenAtMs: null, context: null },
    );
    response.end();
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return response.headers.getSetCookie();
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

describe('the session cookie', () => {
  it('is bound to this host and to https where the console is reached by https', async () => {
    const cookies = await cookiesAt('https://sallyport.example.com');
    expect(cookies).toHaveLength(2);
    for (const cookie of cookies) {
      expect(cookie).toMatch(/^__Host-sallyport(\.sig)?=[^;]+; path=\/; samesite=lax; secure; httponly$/i);
    }
  });

  it('works without https on this machine', async () => {
    const cookies = await cookiesAt('http://localhost:8080');
    expect(cookies).toHaveLength(2);
    for (const cookie of cookies) expect(cookie).not.toMatch(/secure/i);
  });
});
