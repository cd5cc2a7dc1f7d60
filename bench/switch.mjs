/**
 * A switch of the alias `default` to the first good token, beside stopping and starting the model service and beside a
 * start of llama-server; the token gap of answers that run meanwhile; then switches under load, on one and on three model
 * processes: no stream may fail, be cut or come from two models.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '@parley/fleet';
import { percentile } from './harness.mjs';
import { LlamaServer } from './llama-server.mjs';
import { ModelProcess } from './model-process.mjs';
import { big, median, switchUnderLoad, timed, tiny } from './switch-load.mjs';

let rounds = 5;
const files = {
  [tiny]: 'libs/tiny-model/model/parley-tiny.gguf',
  [big]: join(
    process.env.PARLEY_MODEL_CACHE ?? join(homedir(), '.cache/parley/models'),
    'SmolLM2-135M-Instruct.Q4_1.gguf',
  ),
};
/** How the service serves them, so that both make the same context. */
const served = {
  [tiny]: { slots: 16, contextTokens: 2048 },
  [big]: { slots: 8, contextTokens: 2048 },
};
/** Answers beside which a model is loaded. */
const neighbours = 2;
const quietMs = 4_000;
/** The 99th percentile of fewer gaps is the single longest one. A small model is there after some dozen. */
const leastGaps = 300;
const mostGapRounds = 40;

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

/** Milliseconds between the pieces of answers that run without an end. */
class Neighbours {
  gaps = [];
  #over = false;
  #running;

  constructor(model, digest) {
    const talk = async () => {
      while (!this.#over) {
        let last;
        const onChunk = () => {
          const now = performance.now();
          if (last !== undefined) this.gaps.push(now - last);
          last = now;
        };
        const change = {
          maxOutputTokens: 200,
          sampling: { temperature: 0.8, seed: 7n, logitBias: { 0: -100, 2: -100 } },
        };
        await model.answer(digest, [{ role: 'user', content: 'Tell me a story.' }], change, onChunk);
      }
    };
    this.#running = Promise.all(Array.from({ length: neighbours }, talk));
  }

  /** The gaps since the last call. */
  take() {
    return this.gaps.splice(0);
  }

  async end() {
    this.#over = true;
    await this.#running;
  }
}

/** The P99 gap of answers of `from` while `to` is loaded and switched to, over that of a quiet time before. */
async function neighbourGap(from, to) {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  const [port] = await freePorts(1);
  const model = new ModelProcess(dataDir, 'config', port);
  model.start();
  try {
    await model.firstToken('default');
    const moveTo = (name) => model.job('switchAlias', { alias: 'default', model: name });
    await moveTo(to);
    await moveTo(from);
    const { digest } = await model.resolve('default');
    const answers = new Neighbours(model, digest);
    const quiet = [];
    const switching = [];
    for (let round = 0; round < rounds || (switching.length < leastGaps && round < mostGapRounds); round++) {
      await model.job('unloadModel', { model: to });
      answers.take();
      await new Promise((resolve) => setTimeout(resolve, round < rounds ? quietMs : quietMs / 4));
      quiet.push(...answers.take());
      await moveTo(to);
      await new Promise((resolve) => setTimeout(resolve, 200));
      switching.push(...answers.take());
      await moveTo(from);
    }
    await answers.end();
    const [quietP99, switchP99] = [quiet, switching].map((gaps) => percentile(gaps, 0.99));
    return { quietP99, switchP99, ratio: switchP99 / quietP99, count: switching.length };
  } finally {
    await model.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** From the spawn of a llama-server to its first token; undefined where it was not built. */
async function llamaStart(name) {
  const samples = [];
  for (let round = 0; round < rounds; round++) {
    const [port] = await freePorts(1);
    let server;
    try {
      samples.push(
        await timed(async () => {
          server = await LlamaServer.start(files[name], { port, ...served[name] });
          await server.answer([{ role: 'user', content: 'Hello!' }], 1);
        }),
      );
    } catch (error) {
      console.error(`llama-server was not measured: ${error.message}`);
      return undefined;
    } finally {
      await server?.close();
    }
  }
  return median(samples);
}

async function ways() {
  const rows = [];
  for (const [from, to] of [
    [tiny, big],
    [big, tiny],
  ]) {
    const samples = await times(from, to);
    const [coldMs, residentMs, restartMs] = [samples.cold, samples.resident, samples.restart].map(median);
    const [coldMovedMs, residentMovedMs] = [samples.coldMoved, samples.residentMoved].map(median);
    const gap = await neighbourGap(from, to);
    rows.push({
      switch: `${from} -> ${to}`,
      coldMovedMs,
      coldMs,
      residentMovedMs,
      residentMs,
      restartMs,
      ratio: Number((restartMs / coldMs).toFixed(2)),
      residentRatio: Number((restartMs / residentMs).toFixed(1)),
      llamaServerMs: await llamaStart(to),
      quietGapP99Ms: Number(gap.quietP99.toFixed(1)),
      gapRatio: Number(gap.ratio.toFixed(2)),
      gaps: gap.count,
    });
  }
  return rows;
}

/**
 * `--models 1,3`: on how many model processes; `--streams`, `--switches`; `--real-streams`: on the two real models, 0 =
 * none; `--rounds` of everything else; `--only load` leaves that out.
 */
export async function run(options = {}) {
  const streams = Number(options.streams ?? 200);
  const switches = Number(options.switches ?? 20);
  rounds = Number(options.rounds ?? rounds);
  const counts = String(options.models ?? '1,3')
    .split(',')
    .map(Number)
    .filter((count) => count > 0);
  if (!existsSync(files[big])) throw new Error(`${files[big]} is not there: npm run provision fetches it.`);
  const rows = options.only === 'load' ? [] : await ways();
  const loads = [];
  for (const models of counts) loads.push(await switchUnderLoad({ models, streams, switches }));
  const real = Number(options['real-streams'] ?? 50);
  if (real > 0) loads.push(await switchUnderLoad({ models: 1, streams: real, switches: 10, real: true }));
  const sum = (name) => loads.reduce((total, load) => total + load[name], 0);
  const least = (name) => Math.min(...rows.map((row) => row[name]));
  const figures =
    rows.length === 0
      ? {}
      : {
          ratio: least('ratio'),
          residentRatio: least('residentRatio'),
          gapRatio: Math.max(...rows.map((row) => row.gapRatio)),
        };
  const counted = { failed: sum('failed'), cut: sum('cut'), wrongModel: sum('wrongModel') };
  return { rows: rows.length === 0 ? loads : rows, loads, ...figures, ...counted };
}
