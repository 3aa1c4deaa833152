import { rename, writeFile } from 'node:fs/promises';
import { readConfig } from './config';
import { startSimulator } from './simulator';

/** Nothing here is worth keeping: the tenant lives in memory, so that a signal ends the process at once. */
process.on('SIGTERM', () => process.exit(0));
process.on('SIGINT', () => process.exit(0));

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const { port } = await startSimulator(config);
  const readyFile = config.SIMULATOR_READY_FILE;
  if (readyFile !== undefined) {
    await writeFile(`${readyFile}.part`, JSON.stringify({ port, pid: process.pid }));
    await rename(`${readyFile}.part`, readyFile);
  }
  console.log(`simulator listens on https://localhost:${port}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
