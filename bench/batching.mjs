/**
 * Mixed traffic on SmolLM2: long prompts join short chats. The budget of prompt tokens that follows the token gap,
 * beside fixed ones, in interleaved rounds of the same requests. `--rounds N`, `--fixed 32,128`, `--chats N`,
 * `--turns N` (of each chat), `--longs N` (prompts of each of two readers), `--most N` (tokens of the adaptive budget).
 */
import { availableParallelism } from 'node:os';
import { GgufEngine } from '../services/model/dist/adapters/outbound/gguf/gguf-engine.js';
import { engineEnvironment } from '../services/model/dist/config.js';
import { modelFile } from './engine-models.mjs';
import { cpuMsOf, percentile } from './harness.mjs';

const slots = 8;
const targetGapMs = 100;
const median = (values) => percentile(values, 0.5);
const round = (value) => Number(value.toPrecision(3));
const signal = new AbortController().signal;
/** The tokens that end an answer are biased away, so that every round makes as many. */
const sampling = {
  temperature: 0.8,
  topP: 1,
  logitBias: [
    [0, -100],
    [2, -100],
  ],
};

function request(words, maxOutputTokens) {
  const content = Array.from(
    { length: words },
    (_, at) => ['sea', 'hill', 'rain', 'road'][(at * at + words) % 4],
  );
  const messages = [{ role: 'user', content: content.join(' ') }];
  return { messages, sampling, form: { kind: 'text' }, maxOutputTokens, stop: [], priority: 0 };
}

/** Answers one request; gaps between its chunks go to `gaps`. */
async function answer(model, asked, gaps) {
  let last;
  let tokens = 0;
  for await (const update of model.generate(asked, signal)) {
    const now = performance.now();
    if (update.type === 'chunk') {
      if (last !== undefined) gaps?.push(now - last);
      last = now;
    }
    if (update.type === 'finished') tokens = update.inputTokens + update.outputTokens;
  }
  return tokens;
}

/** Short chats without a pause while long prompts come one after another; the same requests every time. */
async function traffic(model, pid, { chats, turns, longs }) {
  const gaps = [];
  const cpu = cpuMsOf(pid);
  const started = performance.now();
  const chat = async (index) => {
    let tokens = 0;
    for (let turn = 0; turn < turns; turn++) tokens += await answer(model, request(20 + index, 40), gaps);
    return tokens;
  };
  const reader = async () => {
    let tokens = 0;
    for (let turn = 0; turn < longs; turn++) tokens += await answer(model, request(700 + 50 * (turn % 3), 8));
    return tokens;
  };
  const counts = await Promise.all([
    ...Array.from({ length: chats }, (_, index) => chat(index)),
    reader(),
    reader(),
  ]);
  const tokens = counts.reduce((sum, count) => sum + count, 0);
  const seconds = (performance.now() - started) / 1000;
  const cpuSeconds = (cpuMsOf(pid) - cpu) / 1000;
  return { perSecond: tokens / seconds, perCpuSecond: tokens / cpuSeconds, gapP99: percentile(gaps, 0.99) };
}

async function measure(path, budget, load) {
  await using engine = new GgufEngine({
    threads: Math.max(1, availableParallelism() - 1),
    environment: engineEnvironment(1),
    onLog: () => undefined,
  });
  const size = { contextTokens: 1024, slots, maxQueued: 64 };
  const spec = { name: 'm', path, settings: {}, proven: true, systemRole: true, ...size, ...budget };
  const model = await engine.load(spec, { signal });
  await answer(model, request(20, 8));
  return traffic(model, engine.hostPid, load);
}

export async function run(options = {}) {
  const fixed = (options.fixed ?? '32,64,128,256,512').split(',').map(Number);
  const rounds = Number(options.rounds ?? 3);
  const load = {
    chats: Number(options.chats ?? 5),
    turns: Number(options.turns ?? 4),
    longs: Number(options.longs ?? 3),
  };
  const most = Number(options.most ?? 128);
  const budgets = [
    { name: 'adaptive', promptTokensPerStep: most, targetGapMs },
    ...fixed.map((tokens) => ({ name: `fixed ${tokens}`, promptTokensPerStep: tokens, targetGapMs: 0 })),
  ];
  const path = await modelFile('small');
  const seen = new Map(budgets.map(({ name }) => [name, []]));
  for (let turn = 0; turn < rounds; turn++) {
    for (const { name, ...budget } of budgets) {
      const figures = await measure(path, budget, load);
      seen.get(name).push(figures);
      console.error(JSON.stringify({ name, ...figures }));
    }
  }
  const rows = budgets.map(({ name }) => {
    const of = (key) => round(median(seen.get(name).map((one) => one[key])));
    return {
      budget: name,
      perSecond: of('perSecond'),
      perCpuSecond: of('perCpuSecond'),
      gapP99: of('gapP99'),
    };
  });
  const [adaptive, ...others] = rows;
  const best = others.reduce((a, b) => (b.perCpuSecond > a.perCpuSecond ? b : a));
  return {
    rows,
    best: best.budget,
    throughputRatio: round(adaptive.perSecond / best.perSecond),
    cpuThroughputRatio: round(adaptive.perCpuSecond / best.perCpuSecond),
    gapRatio: round(adaptive.gapP99 / best.gapP99),
  };
}
