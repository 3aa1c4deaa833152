// The simulator with the demo tenant in it. The tenant lives in memory, so that each start loads it again; the admin
// API that takes it answers loopback only.
import { readFileSync } from 'node:fs';
import { call, eventually } from './call.mjs';

const origin = `https://localhost:${process.env['SIMULATOR_PORT']}`;
const given = JSON.parse(readFileSync(new URL('tenant.json', import.meta.url), 'utf8'));

await import('../main.js');
await eventually('loading the demo tenant', 30_000, async () => {
  const { status, body } = await call(origin, 'POST', '/_sim/tenant', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ given }),
  });
  if (status !== 200) throw new Error(`${status} ${body}`);
  return true;
});
console.log('the demo tenant is loaded');
