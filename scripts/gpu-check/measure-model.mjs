import { execFileSync } from 'node:child_process';
import { GgufEngine } from '../../services/model/dist/adapters/outbound/gguf/gguf-engine.js';
import { engineEnvironment } from '../../services/model/dist/config.js';

const slots = 16;
/** 16 requests of 256 tokens: together the 4,096 tokens of context that the promise is about. */
const contextTokens = 256;
const streamCounts = { small: [1, 4], large: [1, 2, 4, 8, 16] };
const { signal } = new AbortController();

/** Greedy, and never the end. */
const sampling = { temperature: 0, logitBias: [[2, -100]] };

let asked = 0;

function request(promptTokens, maxOutputTokens) {
  // One token for each letter; another beginning each time, so that nothing is read already.
  const content = `${String(++asked).padStart(6, '0')} ${'x'.repeat(Math.max(1, promptTokens - 30))}`;
  const messages = [{ role: 'user', content }];
  return { messages, sampling, form: { kind: 'text' }, maxOutputTokens, stop: [], priority: 0 };
}

/** When its first token came and when it ended, and what it counted. */
async function answer(model, promptTokens, maxOutputTokens) {
  let firstMs = 0;
  let finished;
  for await (const update of model.generate(request(promptTokens, maxOutputTokens), signal)) {
    if (update.type === 'chunk' && firstMs === 0) firstMs = performance.now();
    if (update.type === 'finished') finished = update;
  }
  const endMs = performance.now();
  return { firstMs: firstMs || endMs, endMs, input: finished.inputTokens, output: finished.outputTokens };
}

/** Tokens written per second by so many requests at once, from the time when all of them write. */
async function writingSpeed(model, streams, outputTokens) {
  const answers = await Promise.all(Array.from({ length: streams }, () => answer(model, 40, outputTokens)));
  const from = Math.max(...answers.map(({ firstMs }) => firstMs));
  const to = Math.min(...answers.map(({ endMs }) => endMs));
  const tokens = answers.reduce((sum, { firstMs, endMs, output }) => {
    const share = Math.max(0, to - from) / Math.max(1, endMs - firstMs);
    return sum + (output - 1) * Math.min(1, share);
  }, 0);
  return (tokens * 1000) / Math.max(1, to - from);
}

async function readingSpeed(model, promptTokens) {
  const startMs = performance.now();
  const answers = await Promise.all(Array.from({ length: slots }, () => answer(model, promptTokens, 1)));
  const tokens = answers.reduce((sum, { input }) => sum + input, 0);
  return (tokens * 1000) / (performance.now() - startMs);
}

/** Name and used MiB of each NVIDIA card, as the driver tells them; none where there is no driver. */
function cards() {
  try {
    const query = ['--query-gpu=name,memory.used', '--format=csv,noheader,nounits'];
    const lines = execFileSync('nvidia-smi', query, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return lines
      .trim()
      .split('\n')
      .map((line) => ({ name: line.split(', ')[0] ?? '', usedMib: Number(line.split(', ')[1]) }));
  } catch {
    return [];
  }
}

const usedMib = () => cards().reduce((sum, card) => sum + card.usedMib, 0);

async function measured(model, { small }) {
  const memory = await model.memory();
  await answer(model, 40, 8);
  const reading = await readingSpeed(model, small ? 64 : 192);
  const writing = [];
  for (const streams of streamCounts[small ? 'small' : 'large'])
    writing.push({ streams, perSecond: await writingSpeed(model, streams, small ? 24 : 128) });
  return { memory, reading, writing };
}

/** How every model is opened here. */
const opened = {
  settings: {},
  proven: true,
  contextTokens,
  slots,
  maxQueued: 64,
  promptTokensPerStep: 256,
  systemRole: true,
};

/** Loads a file through Parley's engine and measures it. Times in milliseconds, speeds in tokens per second. */
export async function measureModel({ name, path }, { gpu, small }) {
  const logs = [];
  const onLog = (_, message) => logs.push(message);
  const engine = new GgufEngine({ threads: 0, gpu, environment: engineEnvironment(1), onLog });
  try {
    await engine.start();
    const usedBefore = usedMib();
    const startMs = performance.now();
    const model = await engine.load({ ...opened, name, path }, { signal });
    const loadMs = performance.now() - startMs;
    const figures = await measured(model, { small });
    const used = usedMib() - usedBefore;
    await model[Symbol.asyncDispose]();
    const driverMib = figures.memory.gpu === undefined ? undefined : used;
    return { loadMs, ...figures, driverMib, cards: cards() };
  } catch (error) {
    const said = logs.slice(-5).join('\n');
    throw new Error(`${name} could not be measured: ${error.message}\n${said}`, { cause: error });
  } finally {
    await engine[Symbol.asyncDispose]();
  }
}
