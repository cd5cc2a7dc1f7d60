/**
 * A switch of the alias `default` to the first good token, beside stopping and starting the model service; then
 * switches under 50 streams: none may fail, be cut or come from two models.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '@parley/fleet';
import { chat, percentile, readStream, withFleet } from './harness.mjs';
import { ModelProcess } from './model-process.mjs';

const tiny = 'parley-tiny';
const big = 'smollm2-135m';
const rounds = 5;
const streams = 50;
const switches = 10;

const median = (values) => Math.round(percentile(values, 0.5));

async function timed(work) {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Milliseconds of each way to come from one model to the other, interleaved, so that noise meets all alike. */
async function times(from, to) {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  const [port] = await freePorts(1);
  const model = new ModelProcess(dataDir, 'config', port);
  const samples = { cold: [], coldMoved: [], resident: [], residentMoved: [], restart: [] };
  model.start();
  try {
    await model.firstToken('default');
    const moveTo = (name) => model.job('switchAlias', { alias: 'default', model: name });
    const answered = async (name) => {
      const by = await model.firstToken('default');
      if (by !== name) throw new Error(`${by} answered, not ${name}`);
    };
    await moveTo(to);
    await moveTo(from);
    for (let round = 0; round < rounds; round++) {
      await model.job('unloadModel', { model: to });
      samples.cold.push(
        await timed(async () => {
          samples.coldMoved.push(await timed(() => moveTo(to)));
          await answered(to);
        }),
      );
      await moveTo(from);
      samples.resident.push(
        await timed(async () => {
          samples.residentMoved.push(await timed(() => moveTo(to)));
          await answered(to);
        }),
      );
      samples.restart.push(
        await timed(async () => {
          await model.stop();
          model.start();
          await answered(to);
        }),
      );
      await moveTo(from);
    }
  } finally {
    await model.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
  return samples;
}

async function until(done, ask, what) {
  for (const end = performance.now() + 120_000; performance.now() < end;) {
    const value = await ask();
    if (done(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} took longer than 120 s`);
}

/** Streams without a pause from `streams` clients while the alias moves back and forth. */
async function underLoad() {
  // 50 prompts of the real model take their time on two cores; what is counted here is the switch.
  const env = {
    ...process.env,
    PARLEY_FIRST_CHUNK_TIMEOUT_MS: '110000',
    PARLEY_FIRST_TOKEN_TIMEOUT_MS: '110000',
  };
  return withFleet({ env }, async (fleet) => {
    const headers = { authorization: `Bearer ${fleet.apiKey}`, 'content-type': 'application/json' };
    const call = async (path, body) => {
      const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
      const response = await fetch(fleet.url + path, init);
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return response.json();
    };
    const move = async (model) => {
      const { id } = await call('/admin/v1/models/switch', { alias: 'default', model });
      const job = await until(
        ({ state }) => !['queued', 'running'].includes(state),
        () => call(`/admin/v1/jobs/${id}`),
        'a switch',
      );
      if (job.state !== 'succeeded') throw new Error(`switch: ${JSON.stringify(job.error)}`);
    };
    const names = { [tiny]: 0, [big]: 0 };
    const count = { turns: 0, failed: 0, cut: 0, wrongModel: 0, firstFailure: '' };
    const stop = new AbortController();
    const body = {
      model: 'default',
      stream: true,
      max_tokens: 8,
      messages: [{ role: 'user', content: 'What is Parley?' }],
    };
    const client = async () => {
      while (!stop.signal.aborted) {
        const answer = await chat(fleet, body).catch(() => undefined);
        count.turns++;
        if (answer?.status !== 200) {
          count.failed++;
          if (count.firstFailure === '')
            count.firstFailure = `${answer?.status} ${answer?.raw.slice(0, 300)}`;
        } else if (!readStream(answer.raw).done) count.cut++;
        else {
          const makers = new Set([...answer.raw.matchAll(/"model":"([^"]+)"/g)].map(([, name]) => name));
          if (makers.size !== 1) count.wrongModel++;
          for (const name of makers) names[name]++;
        }
      }
    };
    const clients = Array.from({ length: streams }, client);
    for (let i = 0; i < switches; i++) {
      await move(i % 2 === 0 ? big : tiny);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
    stop.abort();
    await Promise.all(clients);
    return { ...count, ...names };
  });
}

export async function run() {
  const rows = [];
  for (const [from, to] of [
    [tiny, big],
    [big, tiny],
  ]) {
    const samples = await times(from, to);
    const [coldMs, residentMs, restartMs] = [samples.cold, samples.resident, samples.restart].map(median);
    const [coldMovedMs, residentMovedMs] = [samples.coldMoved, samples.residentMoved].map(median);
    rows.push({
      switch: `${from} -> ${to}`,
      coldMovedMs,
      coldMs,
      residentMovedMs,
      residentMs,
      restartMs,
      ratio: Number((restartMs / coldMs).toFixed(2)),
      residentRatio: Number((restartMs / residentMs).toFixed(1)),
    });
  }
  const load = await underLoad();
  return {
    rows,
    load,
    ratio: Math.min(...rows.map(({ ratio }) => ratio)),
    residentRatio: Math.min(...rows.map(({ residentRatio }) => residentRatio)),
    ...load,
  };
}
