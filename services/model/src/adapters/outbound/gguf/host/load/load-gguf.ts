import { basename } from 'node:path';
import { ParleyError, sleep } from '@parley/kernel';
import type { Llama, LlamaContext, LlamaModel } from 'node-llama-cpp';
import { memoryNeed } from '../../../../../domain/memory/memory-need.ts';
import type { ModelSpec } from '../../../../../ports/engine.ts';
import type { LoadProgress } from '../../../../../ports/load-progress.ts';
import { inspectFiles } from '../../file/inspect-files.ts';
import type { KeptSettings } from '../../host-protocol.ts';
import { partsOf } from '../../weights/part-name.ts';
import { markupOf, markupTexts, toolFormatOf } from '../../../engine-parts/tool-format.ts';
import { AnswerReaders } from '../answer/answer-readers.ts';
import { GgufModel } from '../gguf-model.ts';
import { GgufVocabulary } from './gguf-vocabulary.ts';
import { cardsOf, gpuOptions, requireGpuSettings } from './gpu-options.ts';
import { sequenceKeeper } from './sequence-keeper-of.ts';
import { Grammars } from '../grammar/grammars.ts';
import { llamaInternals } from './llama-internals.ts';
import { NativeBatch } from '../step/native-batch.ts';
import type { DisposableSampler } from '../step/native-batch.ts';
import type { NativeWords } from './native-words.ts';
import { PromptTemplate } from '../prompt/prompt-template.ts';
import { selfTest } from './self-test.ts';
import { Stepper } from '../step/stepper.ts';
import type { StepperOptions } from '../step/stepper.ts';

const logDelayMs = 50;
/** Text that comes ten times a second looks fluent. */
const defaultGapMs = 100;

/** What is done with a file for the first time, and with one that passed it on this machine before. */
const fullTest = { rounds: 2, tokens: 3 } as const;
const warmUp = { rounds: 1, tokens: 1 } as const;

export interface LoadGgufOptions {
  readonly threads: number;
  readonly words: NativeWords;
  readonly signal: AbortSignal;
  /** Where sequences outlive the model; absent: nowhere. */
  readonly kept?: KeptSettings;
  readonly onTrouble: (message: string) => void;
  readonly onProgress: (progress: LoadProgress) => void;
  readonly emit: StepperOptions<never>['emit'];
}

/** Loads a GGUF file and tries it out. @throws ParleyError `engine_failed` that says what is wrong with it. */
export async function loadGguf(llama: Llama, spec: ModelSpec, options: LoadGgufOptions): Promise<GgufModel> {
  await using undo = new AsyncDisposableStack();
  options.words.clear();
  options.onProgress({ stage: 'loading weights', share: 0 });
  requireGpuSettings(spec);
  const model = undo.use(await loadWeights(llama, spec, options));
  checkContext(spec, model);
  options.onProgress({ stage: 'making the context', share: 0 });
  const context = undo.use(await makeContext(spec, model, options));
  const internals = await llamaInternals(llama, model, context);
  const vocabulary = await GgufVocabulary.of(model, internals.model);
  vocabulary.check();
  const template = templateOf(spec, model);
  vocabulary.show(shownMarks(spec, template));
  options.onProgress({ stage: 'warming up', share: 0 });
  const batch = new NativeBatch(internals, canCut(model));
  const extent = spec.proven ? warmUp : fullTest;
  await selfTest(batch, internals, { vocabularySize: vocabulary.size, sequences: spec.slots }, extent);
  options.signal.throwIfAborted();
  const kvBytes = keptBytesOf(spec);
  const keeper = sequenceKeeper({ spec, kvBytes, context, gpu: llama.gpu, reuse: batch.reuse }, options);
  const keep = undo.move();
  const readers = new AnswerReaders((id) => stepper.cancel(id));
  const stepper = new Stepper<DisposableSampler>({
    batch,
    vocabulary,
    admission: { model: spec.name, slots: spec.slots, maxRequests: spec.maxQueued, ...spec.queue },
    contextTokens: spec.contextTokens,
    promptTokensPerStep: spec.promptTokensPerStep,
    targetGapMs: spec.targetGapMs ?? defaultGapMs,
    kept: keeper,
    now: () => performance.now(),
    emit: (events, figures) => options.emit(readers.read(events), figures),
  });
  return new GgufModel({
    spec,
    internals,
    vocabulary,
    template,
    grammars: new Grammars(llama, model),
    stepper,
    readers,
    kvBytes,
    keeper,
    cards: () => cardsOf(llama),
    free: () => keep.disposeAsync(),
  });
}

async function loadWeights(llama: Llama, spec: ModelSpec, options: LoadGgufOptions): Promise<LlamaModel> {
  try {
    return await llama.loadModel({
      modelPath: spec.path,
      ...gpuOptions(llama.gpu !== false, spec),
      loadSignal: options.signal,
      // Weights that are no numbers load without it, and then every answer is token 0.
      checkTensors: !spec.proven,
      ...(spec.mmap === undefined ? {} : { useMmap: spec.mmap }),
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

/** Keys and values of all slots. */
function keptBytesOf(spec: ModelSpec): number {
  const inspection = inspectFiles(partsOf(spec.path));
  const need = memoryNeed(spec, inspection.fileBytes, inspection, spec.promptTokensPerStep);
  return need.kvBytes(spec.contextTokens) * spec.slots;
}

/**
 * Whether a sequence's last tokens can be taken back. A model that keeps one state for all that it has read cannot go
 * back at all, one whose layers see a window only may have lost what a shorter beginning needs: these read every prompt
 * from its beginning.
 */
function canCut({ fileInsights }: LlamaModel): boolean {
  const { isRecurrent, isHybrid, swaSize } = fileInsights;
  return !isRecurrent && !isHybrid && (swaSize ?? 0) === 0;
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
    toolFormat: formatOf(spec, source),
  });
  template.check();
  return template;
}

function formatOf({ toolCalls }: ModelSpec, template: string): ReturnType<typeof toolFormatOf> {
  return toolCalls === undefined || toolCalls === 'none' ? toolFormatOf(template) : toolCalls;
}

/** What answers are read by must be seen in them, although some vocabularies have it as control tokens. */
function shownMarks({ toolCalls, reasoning }: ModelSpec, { toolFormat }: PromptTemplate): string[] {
  const { open, close } = markupTexts[markupOf(toolFormat)];
  return [
    ...(toolCalls === 'none'
      ? []
      : [open, close, ...(toolFormat === 'mistral' ? ['[ARGS]', '[CALL_ID]'] : [])]),
    ...(reasoning === 'think-tags' ? ['<think>', '</think>'] : []),
  ];
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
