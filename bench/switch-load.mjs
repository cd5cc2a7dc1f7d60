/** Switches of an alias under load, on one model process and on several: what becomes of the clients' streams. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chat, percentile, readStream, withFleet } from './harness.mjs';

export const tiny = 'parley-tiny';
export const big = 'smollm2-135m';

export const median = (values) => Math.round(percentile(values, 0.5));

export async function timed(work) {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** A client of the admin API of one fleet. */
function adminOf(fleet) {
  const headers = { authorization: `Bearer ${fleet.apiKey}`, 'content-type': 'application/json' };
  const call = async (path, body) => {
    const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await fetch(fleet.url + path, init);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  return {
    /** Moves the alias `default`; resolves when it has moved. */
    move: async (model) => {
      let job = await call('/admin/v1/models/switch', { alias: 'default', model });
      while (['queued', 'running'].includes(job.state)) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        job = await call(`/admin/v1/jobs/${job.id}`);
      }
      if (job.state !== 'succeeded') throw new Error(`switch: ${JSON.stringify(job.error)}`);
    },
  };
}

/** What came of the streams of all clients. */
class Tally {
  turns = 0;
  failed = 0;
  cut = 0;
  wrongModel = 0;
  firstFailure = '';
  byModel = {};

  add(answer) {
    this.turns++;
    if (answer?.status !== 200) {
      this.failed++;
      if (this.firstFailure === '') this.firstFailure = `${answer?.status} ${answer?.raw.slice(0, 300)}`;
      return;
    }
    if (!readStream(answer.raw).done) {
      this.cut++;
      return;
    }
    const makers = new Set([...answer.raw.matchAll(/"model":"([^"]+)"/g)].map(([, name]) => name));
    if (makers.size !== 1) this.wrongModel++;
    for (const name of makers) this.byModel[name] = (this.byModel[name] ?? 0) + 1;
  }
}

/** A copy of the configuration in which two simulated models may be the default: what is measured there is the fleet. */
function simulatedConfig() {
  const dir = mkdtempSync(join(tmpdir(), 'parley-bench-config-'));
  cpSync('config', dir, { recursive: true });
  const document = (name, tokens, aliases) => `apiVersion: parley/v1
kind: Model
metadata: { name: ${name}, version: 1.0.0 }
spec:
  engine: simulated
  firstTokenMs: 100
  tokenMs: 100
  tokens: ${tokens}
  aliases: [${aliases}]
  context: { tokens: 4096, slots: 256 }
`;
  writeFileSync(join(dir, 'models/made-up-a.yaml'), document('made-up-a', 20, 'default'));
  writeFileSync(join(dir, 'models/made-up-b.yaml'), document('made-up-b', 24, ''));
  const bundled = join(dir, 'models/parley-tiny.yaml');
  const text = readFileSync(bundled, 'utf8').replace('[default]', '[]');
  writeFileSync(bundled, text.replace('engine: gguf', 'engine: gguf\n  load: { when: never }'));
  return dir;
}

/**
 * Streams without a pause from clients while the alias moves back and forth on `models` model processes.
 * @param real the bundled model and SmolLM2, which must be fast enough for so many streams: a refusal is a failure. Else
 * simulated ones: what is measured then is the fleet
 */
export async function switchUnderLoad({ models, streams, switches, real = false }) {
  // Prompts of the real model take their time on two cores; what is counted here is the switch.
  const env = {
    ...process.env,
    PARLEY_FIRST_CHUNK_TIMEOUT_MS: '110000',
    PARLEY_FIRST_TOKEN_TIMEOUT_MS: '110000',
  };
  const body = {
    model: 'default',
    stream: true,
    max_tokens: real ? 8 : 32,
    messages: [{ role: 'user', content: 'What is Parley?' }],
  };
  const configDir = real ? 'config' : simulatedConfig();
  const [first, second] = real ? [tiny, big] : ['made-up-a', 'made-up-b'];
  const replicas = { model: models };
  try {
    return await withFleet({ env, configDir, replicas, startLimitMs: 300_000 }, async (fleet) => {
      const counted = await moved(fleet, body, { first, second, streams, switches });
      return { models, engine: real ? 'gguf' : 'simulated', streams, switches, ...counted };
    });
  } finally {
    if (!real) rmSync(configDir, { recursive: true, force: true });
  }
}

async function moved(fleet, body, { first, second, streams, switches }) {
  const { move } = adminOf(fleet);
  const tally = new Tally();
  const stop = new AbortController();
  const client = async () => {
    while (!stop.signal.aborted) tally.add(await chat(fleet, body).catch(() => undefined));
  };
  const clients = Array.from({ length: streams }, client);
  const samples = [];
  for (let i = 0; i < switches; i++) {
    samples.push(await timed(() => move(i % 2 === 0 ? second : first)));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  stop.abort();
  await Promise.all(clients);
  const { turns, failed, cut, wrongModel, firstFailure, byModel } = tally;
  return { movedMs: median(samples), turns, failed, cut, wrongModel, firstFailure, byModel };
}
