/**
 * The model service beside llama-server of the same llama.cpp release: CPU per token read and made at several numbers
 * of streams, in interleaved pairs; then the second turn of a long conversation beside the same prompt read anew.
 * `--size small|large|both`, `--pairs N`, `--streams 1,8`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '@parley/fleet';
import { configOf, measured, modelFile } from './engine-models.mjs';
import { cpuMsOf, percentile } from './harness.mjs';
import { LlamaServer } from './llama-server.mjs';
import { ModelProcess } from './model-process.mjs';

const contextTokens = 512;
const median = (values) => percentile(values, 0.5);
const round = (value) => Number(value.toPrecision(3));

let asked = 0;

/** A prompt that nobody has seen before, of about so many tokens. */
function prompt(tokens) {
  const words = ['sea', 'hill', 'town', 'rain', 'road', 'bird', 'light', 'stone', 'river', 'wind'];
  const said = Array.from(
    { length: Math.max(1, tokens - 12) },
    (_, at) => words[(asked * 7 + at * at) % words.length],
  );
  return [{ role: 'user', content: `${++asked} ${said.join(' ')}` }];
}

/** Both engines on one model, behind one way to ask. */
async function withRivals(size, slots, work) {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  const [ours, theirs] = await freePorts(2);
  const path = await modelFile(size);
  const config = configOf(join(dataDir, 'config'), path, { slots, contextTokens });
  const model = new ModelProcess(dataDir, config, ours);
  model.start();
  const server = await LlamaServer.start(path, { port: theirs, slots, contextTokens });
  try {
    await model.firstToken('default');
    const { digest } = await model.resolve('default');
    const sampling = { temperature: 0.8, topP: 1, topK: 0, minP: 0, logitBias: measured[size].end };
    const parley = {
      pid: model.pid,
      answer: (messages, maxOutputTokens) => model.answer(digest, messages, { maxOutputTokens, sampling }),
    };
    return await work(parley, server);
  } finally {
    await server.close();
    await model.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** CPU and wall milliseconds per token of `streams` requests at once. */
async function perToken(engine, streams, { input, output }) {
  const cpu = cpuMsOf(engine.pid);
  const started = performance.now();
  const answers = await Promise.all(
    Array.from({ length: streams }, () => engine.answer(prompt(input), output)),
  );
  const wallMs = performance.now() - started;
  const tokens = answers.reduce((sum, answer) => sum + (output === 1 ? answer.input : answer.output), 0);
  return { cpu: (cpuMsOf(engine.pid) - cpu) / tokens, wall: wallMs / tokens };
}

async function compare(size, options) {
  const { outputTokens, promptTokens } = measured[size];
  const streamCounts = options.streams?.split(',').map(Number) ?? measured[size].streams;
  const pairs = Number(options.pairs ?? 5);
  return withRivals(size, Math.max(...streamCounts), async (parley, server) => {
    const rows = [];
    for (const streams of streamCounts) {
      const works = { read: { input: promptTokens, output: 1 }, made: { input: 16, output: outputTokens } };
      for (const [what, work] of Object.entries(works)) {
        for (const engine of [parley, server]) await perToken(engine, Math.min(2, streams), work);
        const seen = [];
        for (let pair = 0; pair < pairs; pair++) {
          const [ours, theirs] = [
            await perToken(parley, streams, work),
            await perToken(server, streams, work),
          ];
          seen.push({ ours, theirs });
        }
        const of = (value) => round(median(seen.map(value)));
        const row = {
          model: size,
          streams,
          tokens: what,
          parleyCpuMs: of(({ ours }) => ours.cpu),
          llamaServerCpuMs: of(({ theirs }) => theirs.cpu),
          cpuRatio: of(({ ours, theirs }) => theirs.cpu / ours.cpu),
          wallRatio: of(({ ours, theirs }) => theirs.wall / ours.wall),
        };
        rows.push(row);
        // A run of both models takes an hour: what is known is not lost with it.
        console.error(JSON.stringify(row));
      }
    }
    return rows;
  });
}

/** First token of the second turn of a conversation of 1,500 tokens, kept and anew. */
async function secondTurn(rounds) {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  const [port] = await freePorts(1);
  const size = { slots: 2, contextTokens: 2048 };
  const config = configOf(join(dataDir, 'config'), await modelFile('small'), size);
  const model = new ModelProcess(dataDir, config, port);
  model.start();
  try {
    await model.firstToken('default');
    const { digest } = await model.resolve('default');
    const kept = [];
    const anew = [];
    let cached = 0;
    for (let turn = 0; turn < rounds; turn++) {
      const first = prompt(1450);
      const change = { maxOutputTokens: 16, sampling: { temperature: 0 } };
      const { text } = await model.answer(digest, first, { ...change, cacheScope: `talk-${turn}` });
      const second = [...first, { role: 'assistant', content: text }, { role: 'user', content: 'And then?' }];
      anew.push((await model.answer(digest, second, change)).firstMs);
      const answer = await model.answer(digest, second, { ...change, cacheScope: `talk-${turn}` });
      kept.push(answer.firstMs);
      cached = answer.cached;
    }
    const [coldMs, keptMs] = [median(anew), median(kept)];
    const row = { model: 'small', streams: 1, tokens: 'second turn', cached };
    return { ...row, coldMs: round(coldMs), keptMs: round(keptMs), ratio: round(coldMs / keptMs) };
  } finally {
    await model.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

export async function run(options = {}) {
  const sizes = { small: ['small'], large: ['large'], both: ['small', 'large'] }[options.size ?? 'both'];
  const rows = [];
  for (const size of sizes) rows.push(...(await compare(size, options)));
  const second = await secondTurn(Number(options.pairs ?? 5));
  const ratios = rows.map(({ cpuRatio }) => cpuRatio);
  return { rows: [...rows, second], leastCpuRatio: Math.min(...ratios), secondTurnRatio: second.ratio };
}
