import { GgufEngine } from '../../src/adapters/outbound/gguf/gguf-engine.ts';
import { OpenaiEngine } from '../../src/adapters/outbound/openai/openai-engine.ts';
import { SimulatedEngine } from '../../src/adapters/outbound/simulated/simulated-engine.ts';
import { engineEnvironment } from '../../src/config.ts';
import { bundledSpec, withoutEnd } from '../support/bundled-model.ts';
import { LlamaServer, noLlamaServer } from '../support/llama-server.ts';
import { serveModel } from '../support/model-facade.ts';
import { bundledOnnxSpec, miniLmSpec, noMiniLm, noOnnx, onnxEngine } from '../support/onnx-models.ts';
import { remoteSpec } from '../support/remote-model.ts';
import { RemoteServer } from '../support/remote-server.ts';
import { embeddingContract } from './embedding-contract.ts';
import { engineContract } from './engine-contract.ts';
import type { EngineFixture } from './engine-contract.ts';

const size = { contextTokens: 1024, slots: 2 } as const;
const simulatedSpec = bundledSpec({ path: '', settings: { firstTokenMs: 5, tokenMs: 2, tokens: 400 } });

function ggufEngine(): GgufEngine {
  return new GgufEngine({ threads: 1, environment: engineEnvironment(1), onLog: () => undefined });
}

function openaiEngine(): OpenaiEngine {
  return new OpenaiEngine({ variable: () => undefined, onLog: () => undefined });
}

engineContract('gguf on the bundled model', () => {
  const engine = ggufEngine();
  return Promise.resolve({
    engine,
    spec: bundledSpec(),
    long: withoutEnd,
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  });
});

engineContract(
  'onnx on the bundled model, exported',
  () => {
    const engine = onnxEngine();
    return Promise.resolve({
      engine,
      spec: bundledOnnxSpec(),
      long: withoutEnd,
      [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
    });
  },
  noOnnx,
);

embeddingContract(
  'onnx on all-MiniLM-L6-v2',
  () => {
    const engine = onnxEngine();
    return Promise.resolve({
      engine,
      spec: miniLmSpec(),
      [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
    });
  },
  noMiniLm,
);

embeddingContract('simulated', () =>
  Promise.resolve({
    engine: new SimulatedEngine(),
    spec: { ...simulatedSpec, contextTokens: 512 },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }),
);

engineContract('simulated', () =>
  Promise.resolve({
    engine: new SimulatedEngine(),
    spec: simulatedSpec,
    long: {},
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }),
);

engineContract('openai, whose remote runs the bundled model', async () => {
  const remote = ggufEngine();
  const model = await remote.load(bundledSpec({ slots: 8 }), { signal: new AbortController().signal });
  const server = await RemoteServer.start();
  serveModel(server, model);
  return openaiFixture(server.baseUrl, {}, async () => {
    await server[Symbol.asyncDispose]();
    await remote[Symbol.asyncDispose]();
  });
});

engineContract('openai, whose remote makes answers and vectors up', async () => {
  const { signal } = new AbortController();
  const model = await new SimulatedEngine().load({ ...simulatedSpec, slots: 8 }, { signal });
  const server = await RemoteServer.start();
  serveModel(server, model);
  const settings = { abilities: { json: false, tools: false, embeddings: true }, omit: ['logitBias'] };
  return { ...openaiFixture(server.baseUrl, settings, () => server[Symbol.asyncDispose]()), long: {} };
});

engineContract(
  'openai, whose remote is llama-server with the bundled model',
  async () => {
    const server = await LlamaServer.start(size.contextTokens, 4);
    // It leaves tools out where the model's template knows none.
    const settings = { model: 'tiny', abilities: { tools: false } };
    return openaiFixture(server.baseUrl, settings, () => server[Symbol.asyncDispose]());
  },
  noLlamaServer,
);

function openaiFixture(
  baseUrl: string,
  settings: Readonly<Record<string, unknown>>,
  end: () => PromiseLike<void>,
): EngineFixture {
  return {
    engine: openaiEngine(),
    spec: remoteSpec({ baseUrl, ...settings }, size),
    long: withoutEnd,
    [Symbol.asyncDispose]: end,
  };
}
