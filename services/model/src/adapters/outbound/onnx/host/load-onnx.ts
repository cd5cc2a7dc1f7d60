import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { ParleyError } from '@parley/kernel';
import type { ModelSpec } from '../../../../ports/engine.ts';
import type { HostLoadOptions, HostModel } from '../../gguf/host/host-engine.ts';
import { PromptTemplate } from '../../gguf/host/prompt/prompt-template.ts';
import { Stepper } from '../../gguf/host/step/stepper.ts';
import { CausalGraph } from './causal-graph.ts';
import { CausalModel } from './causal-model.ts';
import { EmbeddingGraph } from './embedding-graph.ts';
import { EmbeddingModel } from './embedding-model.ts';
import { readHubFolder } from './hub-folder.ts';
import type { HubFolder } from './hub-folder.ts';
import { OnnxBatch } from './onnx-batch.ts';
import type { HubTokenizer, OnnxRuntime, OnnxSession } from './onnx-runtime.ts';
import { OnnxVocabulary } from './onnx-vocabulary.ts';
import { tryAnswers } from './try-answers.ts';

/** Text that comes ten times a second looks fluent. */
const defaultGapMs = 100;

export interface LoadOnnxOptions extends HostLoadOptions {
  readonly threads: number;
}

/** What both kinds of models are made of. */
interface Opened {
  readonly runtime: OnnxRuntime;
  readonly session: OnnxSession;
  readonly folder: HubFolder;
  readonly tokenizer: HubTokenizer;
  readonly weightsBytes: number;
}

/** Loads an ONNX model and tries it out. @throws ParleyError that says what is wrong with it. */
export async function loadOnnx(
  runtime: OnnxRuntime,
  spec: ModelSpec,
  options: LoadOnnxOptions,
): Promise<HostModel> {
  const { signal, onProgress } = options;
  onProgress({ stage: 'loading weights', share: 0 });
  const folder = await readHubFolder(spec.path);
  checkContext(spec, folder);
  const tokenizer = tokenizerOf(runtime, spec, folder);
  const session = await open(runtime, spec, options.threads);
  try {
    signal.throwIfAborted();
    onProgress({ stage: 'warming up', share: 0 });
    const { size } = await stat(spec.path);
    const opened = { runtime, session, folder, tokenizer, weightsBytes: size };
    const model = CausalGraph.is(session)
      ? await causalModel(spec, opened, options)
      : await embeddingModel(spec, opened);
    signal.throwIfAborted();
    return model;
  } catch (error) {
    await session.release();
    throw error;
  }
}

async function causalModel(
  spec: ModelSpec,
  { runtime, session, folder, tokenizer, weightsBytes }: Opened,
  { emit }: LoadOnnxOptions,
): Promise<CausalModel> {
  const graph = new CausalGraph(runtime, session);
  const vocabulary = new OnnxVocabulary(tokenizer, folder, graph.vocabularySize);
  vocabulary.check();
  const template = templateOf(spec, folder);
  const batch = new OnnxBatch(graph);
  await tryAnswers(batch, vocabulary, spec.proven ? 1 : 2);
  const stepper = new Stepper({
    batch,
    vocabulary,
    admission: { model: spec.name, slots: spec.slots, maxRequests: spec.maxQueued, ...spec.queue },
    contextTokens: spec.contextTokens,
    promptTokensPerStep: spec.promptTokensPerStep,
    targetGapMs: spec.targetGapMs ?? defaultGapMs,
    now: () => performance.now(),
    emit,
  });
  return new CausalModel({ spec, graph, batch, vocabulary, template, stepper, weightsBytes });
}

async function embeddingModel(
  spec: ModelSpec,
  { runtime, session, folder, tokenizer, weightsBytes }: Opened,
): Promise<EmbeddingModel> {
  const graph = new EmbeddingGraph(runtime, session, folder.pooling);
  const model = new EmbeddingModel({ spec, graph, tokenizer, weightsBytes });
  await model.embed(['Hello there'], new AbortController().signal);
  return model;
}

async function open(runtime: OnnxRuntime, spec: ModelSpec, threads: number): Promise<OnnxSession> {
  try {
    return await runtime.open(spec.path, threads);
  } catch (error) {
    const reason = reasonOf(error).replaceAll(spec.path, basename(spec.path));
    const message = `Model "${spec.name}" could not be loaded from ${basename(spec.path)}: ${reason}`;
    throw new ParleyError('engine_failed', message, { retryable: false, cause: error });
  }
}

function tokenizerOf(runtime: OnnxRuntime, spec: ModelSpec, { tokenizer }: HubFolder): HubTokenizer {
  try {
    return runtime.tokenizer(tokenizer.definition, tokenizer.config);
  } catch (error) {
    const message = `The tokenizer.json of model "${spec.name}" cannot be used: ${reasonOf(error)}`;
    throw new ParleyError('config_invalid', message, { cause: error });
  }
}

function checkContext(spec: ModelSpec, { contextTokens }: HubFolder): void {
  if (contextTokens === 0 || spec.contextTokens <= contextTokens) return;
  const message = `Model "${spec.name}" was trained with ${contextTokens} tokens of context; its document asks for ${spec.contextTokens}.`;
  throw new ParleyError('config_invalid', message);
}

function templateOf(spec: ModelSpec, folder: HubFolder): PromptTemplate {
  const source = spec.template ?? folder.template;
  if (source === undefined) {
    const message = `The folder of model "${spec.name}" has no chat template; give one as spec.profile.template.`;
    throw new ParleyError('config_invalid', message);
  }
  const { bosText, eosText } = folder;
  const template = new PromptTemplate({ source, bosText, eosText, systemRole: spec.systemRole });
  template.check();
  return template;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
