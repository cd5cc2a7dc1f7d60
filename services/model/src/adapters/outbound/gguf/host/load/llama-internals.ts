import { getModuleVersion } from 'node-llama-cpp';
import type { Llama, LlamaContext, LlamaGrammarEvaluationState, LlamaModel } from 'node-llama-cpp';
import { ParleyError } from '@parley/kernel';
import { llamaCppVersion } from '../../llama-cpp-version.ts';

/** A place in a decoded batch that has logits. */
type LogitIndex = number & { readonly brand?: 'LogitIndex' };

/** What a native sampler is set to; a key that is absent is off. */
export interface NativeSamplerConfig {
  temperature: number;
  minP?: number;
  topK?: number;
  topP?: number;
  seed: number;
  repeatPenalty?: number;
  repeatPenaltyMaxTokens?: number;
  repeatPenaltyTokens?: Uint32Array;
  repeatPenaltyPresencePenalty?: number;
  repeatPenaltyFrequencyPenalty?: number;
  grammarEvaluationState?: unknown;
  tokenBiasKeys?: Uint32Array;
  tokenBiasValues?: Float32Array;
}

export interface NativeSampler {
  applyConfig(config: NativeSamplerConfig): void;
  dispose(): void;
}

/** The native context: one batch at a time, decoded off the event loop. */
export interface NativeContext {
  initBatch(size: number): void;
  addToBatch(sequence: number, position: number, tokens: Uint32Array, logitIndexes: Uint32Array): Uint32Array;
  decodeBatch(): Promise<void>;
  /** -1: no token could be chosen. */
  sampleToken(index: LogitIndex, sampler: NativeSampler): Promise<number>;
  removeTokenCellsFromSequence(sequence: number, from: number, to: number): boolean;
  /** The copy itself is made with the next batch. */
  copySequenceStateFromOtherSequence(to: number, from: number): Promise<number>;
  /** @returns bytes written; what it writes is in the clear */
  saveSequenceStateToFile(path: string, sequence: number, tokens: Uint32Array): Promise<number>;
  /** A file that is cut off, or of another model, ends the process. @returns the tokens given when it was saved */
  loadSequenceStateFromFile(path: string, sequence: number, mostTokens: number): Promise<Uint32Array>;
  getMemoryBreakdown(): { cpuRam: number; gpuVram: number };
}

export interface NativeModel {
  tokenize(text: string, specialTokens: boolean): Uint32Array;
  detokenize(tokens: Uint32Array, specialTokens?: boolean): string;
  getTokenString(token: number): string;
  getTokenAttributes(token: number): number;
  isEogToken(token: number): boolean;
  getMemoryBreakdown(): { cpuRam: number; gpuVram: number };
}

/** The parts of node-llama-cpp that its types do not show. */
export interface LlamaInternals {
  readonly context: NativeContext;
  readonly model: NativeModel;
  newSampler(): NativeSampler;
  grammarState(state: LlamaGrammarEvaluationState): unknown;
}

const contextMethods = [
  'initBatch',
  'addToBatch',
  'decodeBatch',
  'sampleToken',
  'removeTokenCellsFromSequence',
  'copySequenceStateFromOtherSequence',
  'saveSequenceStateToFile',
  'loadSequenceStateFromFile',
  'getMemoryBreakdown',
] as const satisfies (keyof NativeContext)[];
const modelMethods = [
  'tokenize',
  'detokenize',
  'getTokenString',
  'getTokenAttributes',
  'isEogToken',
  'getMemoryBreakdown',
] as const satisfies (keyof NativeModel)[];

/**
 * Finds the native parts and checks that they look as expected.
 * @throws ParleyError `engine_failed`, not retryable, that says what is different.
 */
export async function llamaInternals(
  llama: Llama,
  model: LlamaModel,
  context: LlamaContext,
): Promise<LlamaInternals> {
  const version = await getModuleVersion();
  if (version !== llamaCppVersion) throw refused(`version ${version} is installed`);
  const nativeContext: unknown = Reflect.get(context, '_ctx');
  const nativeModel: unknown = Reflect.get(model, '_model');
  const bindings: unknown = Reflect.get(llama, '_bindings');
  if (!hasMethods<NativeContext>(nativeContext, contextMethods))
    throw refused('its context has another shape');
  if (!hasMethods<NativeModel>(nativeModel, modelMethods)) throw refused('its model has another shape');
  if (!hasMethods<{ AddonSampler: new (model: NativeModel) => NativeSampler }>(bindings, ['AddonSampler'])) {
    throw refused('its bindings have no sampler');
  }
  return {
    context: nativeContext,
    model: nativeModel,
    newSampler: () => new bindings.AddonSampler(nativeModel),
    grammarState: (state) => Reflect.get(state, '_state') as unknown,
  };
}

function hasMethods<Shape>(value: unknown, names: readonly (keyof Shape & string)[]): value is Shape {
  if (typeof value !== 'object' || value === null) return false;
  return names.every((name) => typeof Reflect.get(value, name) === 'function');
}

function refused(what: string): ParleyError {
  const message = `The gguf engine needs node-llama-cpp ${llamaCppVersion} as released, but ${what}. Reinstall with npm ci.`;
  return new ParleyError('engine_failed', message, { retryable: false });
}
