/**
 * Weights in fewer bits beside the same weights as they were: size, memory, speed, and what is kept of the quality, on the
 * bundled model (f16), SmolLM2 (Q4_1, so it is quantised again) and a generated model of 530 M random parameters (f16).
 * Writer, judge and gate are the service's own. `--only tiny,smol,generated`, `--items N` of each of 29 skills.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GgufEngine } from '../services/model/dist/adapters/outbound/gguf/gguf-engine.js';
import { generalEvaluation } from '../services/model/dist/adapters/outbound/quantise/general-evaluation.js';
import { GgufJudge } from '../services/model/dist/adapters/outbound/quantise/gguf-judge.js';
import { LlamaWeightsWriter } from '../services/model/dist/adapters/outbound/quantise/llama-weights-writer.js';
import { engineEnvironment } from '../services/model/dist/config.js';
import { isRight } from '../services/model/dist/domain/quantise/evaluation.js';
import { judgeQuality } from '../services/model/dist/domain/quantise/quality-gate.js';
import { tryBoth } from '../services/model/dist/domain/quantise/try-both.js';
import { modelFile } from './engine-models.mjs';
import { cpuMsOf } from './harness.mjs';

const signal = new AbortController().signal;
const environment = engineEnvironment(1);
const leastKept = 0.95;
const resamples = 2000;
const round = (value, digits = 3) => (value === undefined ? undefined : Number(value.toPrecision(digits)));
const megabytes = (bytes) => round(bytes / 1e6, 4);

/** The bundled model's final held-out set, made anew by its generator; `items` of each of its skills. */
function heldOut(items) {
  const args = ['-m', 'recipe.testset', '--split', 'final', '--count', String(items)];
  const lines = execFileSync('python3', args, {
    cwd: 'libs/tiny-model',
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const questions = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map(({ messages, expected }) => ({
      messages,
      form: { kind: 'text' },
      maxTokens: 96,
      expect: { exact: expected },
    }));
  return { name: 'final', text: '', questions };
}

function models(items) {
  return [
    {
      name: 'tiny',
      file: () => 'libs/tiny-model/model/parley-tiny.gguf',
      format: 'q4_0',
      contextTokens: 2048,
      evaluation: () => heldOut(items),
      end: [0, 2],
      tokens: 1024,
    },
    {
      name: 'smol',
      file: () => modelFile('small'),
      format: 'q4_0',
      contextTokens: 4096,
      evaluation: () => generalEvaluation,
      end: [0, 2],
      tokens: 96,
    },
    {
      name: 'generated',
      file: () => modelFile('large'),
      format: 'q4_k_m',
      contextTokens: 4096,
      // Each of its tokens is a byte, and it knows nothing: a little text will do.
      evaluation: () => ({ name: 'text', text: generalEvaluation.text.slice(0, 600), questions: [] }),
      end: [2],
      tokens: 24,
    },
  ];
}

const specOf = (name, path, contextTokens) => ({
  name,
  path,
  settings: {},
  proven: true,
  contextTokens,
  slots: 1,
  maxQueued: 4,
  promptTokensPerStep: 128,
  systemRole: true,
});

/** Memory with one context of its full size, and CPU per token made. */
async function cost(spec, end, tokens) {
  const engine = new GgufEngine({ threads: 0, environment, onLog: () => undefined });
  try {
    await engine.start();
    const model = await engine.load(spec, { signal });
    const { weightsBytes, kvBytes, computeBytes } = await model.memory();
    const request = (maxOutputTokens) => ({
      messages: [{ role: 'user', content: 'Tell me about the sea.' }],
      sampling: { temperature: 0, logitBias: end.map((token) => [token, -100]) },
      form: { kind: 'text' },
      maxOutputTokens,
      stop: [],
      priority: 0,
    });
    const answer = async (count) => {
      const before = cpuMsOf(engine.hostPid);
      for await (const _ of model.generate(request(count), signal));
      return cpuMsOf(engine.hostPid) - before;
    };
    await answer(4);
    // What the prompt costs is in both and falls out.
    const [short, long] = [await answer(8), await answer(8 + tokens)];
    return { memoryBytes: weightsBytes + kvBytes + computeBytes, cpuMsPerToken: (long - short) / tokens };
  } finally {
    await engine[Symbol.asyncDispose]();
  }
}

/** Draws with a seed, so that two runs over the same answers say the same. */
function drawer(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** What is kept at least, with 95 % confidence: the pairs are drawn again and again (bootstrap). */
function lowerBound(pairs) {
  const draw = drawer(7);
  const shares = Array.from({ length: resamples }, () => {
    let [before, now] = [0, 0];
    for (let at = 0; at < pairs.length; at++) {
      const [was, is] = pairs[draw(pairs.length)];
      before += was;
      now += is;
    }
    return before === 0 ? 0 : now / before;
  }).sort((a, b) => a - b);
  return shares[Math.floor(resamples * 0.05)];
}

async function measure(model, folder) {
  const source = await model.file();
  const writer = new LlamaWeightsWriter(folder, environment);
  const name = `${model.name}.gguf`;
  const progress = { signal, stage: () => undefined, share: () => undefined, note: () => undefined };
  const started = performance.now();
  await writer.write({ source, format: model.format, name, requantize: true }, progress);
  const writeSeconds = (performance.now() - started) / 1000;
  const result = join(folder, name);
  renameSync(`${result}.part`, result);
  const specs = {
    source: specOf(model.name, source, model.contextTokens),
    // As quantised models are served: mapped, the file would stay in memory beside what the engine makes of it.
    result: { ...specOf(`${model.name}-${model.format}`, result, model.contextTokens), mmap: false },
  };
  const costOf = (spec) => cost(spec, model.end, model.tokens);
  const [before, now] = [await costOf(specs.source), await costOf(specs.result)];
  const judge = new GgufJudge({ threads: 0, environment, onLog: () => undefined });
  const trial = await tryBoth(judge, specs, model.evaluation(), progress);
  const verdict = judgeQuality(trial, leastKept);
  const right = ({ answers }) =>
    trial.questions.map(({ expect }, at) => Number(isRight(answers[at] ?? '', expect)));
  const [was, is] = [right(trial.source), right(trial.result)];
  const pairs = was.map((value, at) => [value, is[at]]);
  const [sourceBytes, resultBytes] = [statSync(source).size, statSync(result).size];
  return {
    model: model.name,
    format: model.format,
    sourceMb: megabytes(sourceBytes),
    resultMb: megabytes(resultBytes),
    weights: `${((resultBytes / sourceBytes - 1) * 100).toFixed(1)} %`,
    memoryMb: `${megabytes(before.memoryBytes)} → ${megabytes(now.memoryBytes)}`,
    memory: `${((now.memoryBytes / before.memoryBytes - 1) * 100).toFixed(1)} %`,
    cpuMsPerToken: `${round(before.cpuMsPerToken)} → ${round(now.cpuMsPerToken)}`,
    speedup: round(before.cpuMsPerToken / now.cpuMsPerToken),
    perplexity: `${round(verdict.text?.sourcePerplexity, 4)} → ${round(verdict.text?.resultPerplexity, 4)}`,
    places: verdict.text?.tokens,
    agreement: round(verdict.text?.agreement),
    items: pairs.length,
    right: `${was.reduce((a, b) => a + b, 0)} → ${is.reduce((a, b) => a + b, 0)}`,
    lowerBound: pairs.length === 0 ? undefined : round(lowerBound(pairs)),
    kept: round(verdict.kept),
    passed: verdict.passed,
    writeSeconds: round(writeSeconds),
  };
}

export async function run(options = {}) {
  const wanted = options.only?.split(',');
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  const rows = [];
  try {
    for (const model of models(Number(options.items ?? 18))) {
      if (wanted === undefined || wanted.includes(model.name)) rows.push(await measure(model, folder));
    }
    return { rows };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
