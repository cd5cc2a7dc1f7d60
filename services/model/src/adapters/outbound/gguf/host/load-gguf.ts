import { basename } from 'node:path';
import { ParleyError, sleep } from '@parley/kernel';
import type { Llama, LlamaContext, LlamaModel } from 'node-llama-cpp';
import type { LoadProgress, ModelSpec } from '../../../../ports/engine.ts';
import { kvBytesPerToken } from './gguf-memory.ts';
import { GgufModel } from './gguf-model.ts';
import { GgufVocabulary } from './gguf-vocabulary.ts';
import { Grammars } from './grammars.ts';
import { llamaInternals } from './llama-internals.ts';
import { NativeBatch } from './native-batch.ts';
import type { NativeWords } from './native-words.ts';
import { PromptTemplate } from './prompt-template.ts';
import { selfTest } from './self-test.ts';
import { Stepper } from './stepper.ts';
import type { StepperOptions } from './stepper.ts';

const logDelayMs = 50;

/** What is done with a file for the first time, and with one that passed it on this machine before. */
const fullTest = { rounds: 2, tokens: 3 } as const;
const warmUp = { rounds: 1, tokens: 1 } as const;

export interface LoadGgufOptions {
  readonly threads: number;
  readonly words: NativeWords;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LoadProgress) => void;
  readonly emit: StepperOptions<never>['emit'];
}

/** Loads a GGUF file and tries it out. @throws ParleyError `engine_failed` that says what is wrong with it. */
export async function loadGguf(llama: Llama, spec: ModelSpec, options: LoadGgufOptions): Promise<GgufModel> {
  await using undo = new AsyncDisposableStack();
  options.words.clear();
  options.onProgress({ stage: 'loading weights', share: 0 });
  const model = undo.use(await loadWeights(llama, spec, options));
  checkContext(spec, model);
  options.onProgress({ stage: 'making the context', share: 0 });
  const context = undo.use(await makeContext(spec, model, options));
  const internals = await llamaInternals(llama, model, context);
  const vocabulary = new GgufVocabulary(model, internals.model);
  vocabulary.check();
  const template = templateOf(spec, model);
  options.onProgress({ stage: 'warming up', share: 0 });
  const batch = new NativeBatch(internals);
  await selfTest(batch, internals, vocabulary.size, spec.proven ? warmUp : fullTest);
  options.signal.throwIfAborted();
  const keep = undo.move();
  return new GgufModel({
    spec,
    internals,
    vocabulary,
    template,
    grammars: new Grammars(llama, model),
    stepper: new Stepper({
      batch,
      vocabulary,
      slots: spec.slots,
      maxQueued: spec.maxQueued,
      promptTokensPerStep: spec.promptTokensPerStep,
      now: () => performance.now(),
      emit: options.emit,
    }),
    kvBytes: spec.contextTokens * spec.slots * kvBytesPerToken(model.fileInfo.architectureMetadata),
    free: () => keep.disposeAsync(),
  });
}

async function loadWeights(llama: Llama, spec: ModelSpec, options: LoadGgufOptions): Promise<LlamaModel> {
  try {
    return await llama.loadModel({
      modelPath: spec.path,
      loadSignal: options.signal,
      // Weights that are no numbers load without it, and then every answer is token 0.
      checkTensors: !spec.proven,
      onLoadProgress: (share) => options.onProgress({ stage: 'loading weights', share }),
    });
  } catch (error) {
    throw await loadFault(spec, error, options);
  }
}

async function makeContext(
  spec: ModelSpec,
  model: LlamaModel,
  options: LoadGgufOptions,
): Promise<LlamaContext> {
  try {
    return await model.createContext({
      contextSize: spec.contextTokens,
      sequences: spec.slots,
      batchSize: spec.slots + spec.promptTokensPerStep,
      threads: options.threads,
      createSignal: options.signal,
      // A smaller context than asked for would break the promise made to callers.
      failedCreationRemedy: false,
    });
  } catch (error) {
    throw await loadFault(spec, error, options);
  }
}

function checkContext(spec: ModelSpec, model: LlamaModel): void {
  if (spec.contextTokens <= model.trainContextSize) return;
  const message = `Model "${spec.name}" was trained with ${model.trainContextSize} tokens of context; its document asks for ${spec.contextTokens}.`;
  throw new ParleyError('config_invalid', message);
}

function templateOf(spec: ModelSpec, model: LlamaModel): PromptTemplate {
  const source = spec.template ?? model.fileInfo.metadata.tokenizer?.chat_template;
  if (source === undefined) {
    const message = `The file of model "${spec.name}" has no chat template; give one as spec.profile.template.`;
    throw new ParleyError('config_invalid', message);
  }
  const template = new PromptTemplate({
    source,
    bosText: model.tokens.bosString ?? '',
    eosText: model.tokens.eosString ?? '',
    systemRole: spec.systemRole,
  });
  template.check();
  return template;
}

async function loadFault(
  spec: ModelSpec,
  error: unknown,
  { signal, words }: LoadGgufOptions,
): Promise<unknown> {
  if (signal.aborted) return error;
  // What native code logs comes by another way than its result.
  await sleep(logDelayMs);
  const said = words.whyNotLoaded();
  const reason = said !== '' ? said : error instanceof Error ? error.message : String(error);
  const message = `Model "${spec.name}" could not be loaded from ${basename(spec.path)}: ${reason}`;
  return new ParleyError('engine_failed', message, { retryable: false });
}
