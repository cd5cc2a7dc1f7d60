/** From the start of the fleet to the first token, cold (empty data folder, no compile cache) and again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFleet } from '@parley/fleet';
import { chat, readStream } from './harness.mjs';

export async function run() {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  const rows = [];
  try {
    for (const which of ['first start', 'second start']) {
      const started = performance.now();
      const fleet = await startFleet({ dataDir, configDir: 'config', httpPort: 0, logTo: 'files' });
      const readyMs = performance.now() - started;
      const answer = await chat(fleet, {
        model: 'default',
        stream: true,
        messages: [{ role: 'user', content: 'hi' }],
      });
      const firstTokenMs = performance.now() - started - (answer.totalMs - answer.firstMs);
      await fleet.stop();
      rows.push({
        which,
        readyMs: Math.round(readyMs),
        firstTokenMs: Math.round(firstTokenMs),
        answer: readStream(answer.raw).text,
      });
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
  return { rows };
}
