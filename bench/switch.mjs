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
  byModel = { [tiny]: 0, [big]: 0 };

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
    for (const name of makers) this.byModel[name]++;
  }
}

/** Streams without a pause from `streams` clients while the alias moves back and forth. */
async function underLoad() {
  // 50 prompts of the real model take their time on two cores; what is counted here is the switch.
  const env = {
    ...process.env,
    PARLEY_FIRST_CHUNK_TIMEOUT_MS: '110000',
    PARLEY_FIRST_TOKEN_TIMEOUT_MS: '110000',
  };
  const body = {
    model: 'default',
    stream: true,
    max_tokens: 8,
    messages: [{ role: 'user', content: 'What is Parley?' }],
  };
  return withFleet({ env }, async (fleet) => {
    const { move } = adminOf(fleet);
    const tally = new Tally();
    const stop = new AbortController();
    const client = async () => {
      while (!stop.signal.aborted) tally.add(await chat(fleet, body).catch(() => undefined));
    };
    const clients = Array.from({ length: streams }, client);
    for (let i = 0; i < switches; i++) {
      await move(i % 2 === 0 ? big : tiny);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
    stop.abort();
    await Promise.all(clients);
    const { turns, failed, cut, wrongModel, firstFailure, byModel } = tally;
    return { turns, failed, cut, wrongModel, firstFailure, byModel };
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
  const least = (name) => Math.min(...rows.map((row) => row[name]));
  return { rows, ratio: least('ratio'), residentRatio: least('residentRatio'), ...load };
}
