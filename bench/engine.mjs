/** Tokens per second on SmolLM2: through the fleet, beside the bare library's own session in this process. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { LlamaLogLevel, getLlama } from 'node-llama-cpp';
import { chat, cpuPer, readStream, usage, withFleet } from './harness.mjs';

const system = 'You are a helpful assistant.';
const prompt = 'Describe the sea in a few sentences.';
const tokens = 48;
const rounds = 3;

/** The sampling of the model's document, for the bare library. */
function sampling(seen) {
  const repeatPenalty = { penalty: 1.1, punishTokens: () => seen.slice(-64) };
  return { temperature: 0.7, topK: 0, topP: 0.9, minP: 0, repeatPenalty };
}

async function throughFleet(streams) {
  return withFleet({ configDir: 'services/model/tests/fixtures/smollm2' }, async (fleet) => {
    const body = {
      model: 'default',
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: tokens,
      temperature: 0.7,
    };
    const ask = () =>
      chat(fleet, {
        ...body,
        messages: [
          { role: 'system', content: system },
          { role: 'user', content: prompt },
        ],
      });
    for (let i = 0; i < 3; i++) await ask();
    const before = usage(fleet);
    const started = performance.now();
    const answers = [];
    for (let round = 0; round < rounds; round++) {
      answers.push(...(await Promise.all(Array.from({ length: streams }, ask))));
    }
    const seconds = (performance.now() - started) / 1000;
    const total = answers.reduce(
      (sum, answer) => sum + (readStream(answer.raw).usage?.completion_tokens ?? 0),
      0,
    );
    return { tokensPerSecond: total / seconds, cpuMsPerToken: cpuPer(before, usage(fleet), total).model };
  });
}

async function bare(streams) {
  const file = join(
    process.env.PARLEY_MODEL_CACHE ?? join(homedir(), '.cache/parley/models'),
    'SmolLM2-135M-Instruct.Q4_1.gguf',
  );
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    logLevel: LlamaLogLevel.error,
  });
  const model = await llama.loadModel({ modelPath: file });
  const context = await model.createContext({ contextSize: 512, sequences: streams, threads: 1 });
  const input = model.tokenize(
    `<|im_start|>system\n${system}<|im_end|>\n<|im_start|>user\n${prompt}<|im_end|>\n<|im_start|>assistant\n`,
    true,
  );
  const cpu = process.cpuUsage();
  const started = performance.now();
  const sequences = Array.from({ length: streams }, () => context.getSequence());
  const answer = async (sequence) => {
    await sequence.clearHistory();
    const seen = [];
    for await (const token of sequence.evaluate(input, sampling(seen))) {
      if (model.isEogToken(token) || seen.push(token) >= tokens) break;
    }
    return seen.length;
  };
  const counts = [];
  for (let round = 0; round < rounds; round++) counts.push(...(await Promise.all(sequences.map(answer))));
  const seconds = (performance.now() - started) / 1000;
  const used = process.cpuUsage(cpu);
  const total = counts.reduce((a, b) => a + b, 0);
  await model.dispose();
  await llama.dispose();
  return { tokensPerSecond: total / seconds, cpuMsPerToken: (used.user + used.system) / 1000 / total };
}

export async function run() {
  const rows = [];
  for (const streams of [1, 8]) {
    const fleet = await throughFleet(streams);
    const library = await bare(streams);
    rows.push({
      streams,
      fleetTokensPerSecond: Number(fleet.tokensPerSecond.toFixed(1)),
      bareTokensPerSecond: Number(library.tokensPerSecond.toFixed(1)),
      ratio: Number((fleet.tokensPerSecond / library.tokensPerSecond).toFixed(2)),
      fleetCpuMsPerToken: Number(fleet.cpuMsPerToken.toFixed(2)),
      bareCpuMsPerToken: Number(library.cpuMsPerToken.toFixed(2)),
    });
  }
  return { rows };
}
