import { ParleyError } from '@parley/kernel';
import type {
  CountRequest,
  CountResult,
  EngineRequest,
  ModelMemory,
  ModelSpec,
} from '../../../../ports/engine.ts';
import type { GgufVocabulary } from './gguf-vocabulary.ts';
import type { Grammars } from './grammars.ts';
import type { LlamaInternals } from './llama-internals.ts';
import type { DisposableSampler } from './native-batch.ts';
import type { PromptTemplate } from './prompt-template.ts';
import { PromptTokens } from './prompt-tokens.ts';
import { samplerConfig } from './sampler-config.ts';
import type { Stepper } from './stepper.ts';

/** A prompt longer than this many characters per context token is read in part first, to refuse it cheaply. */
const charactersPerToken = 8;

/** What a loaded model is made of. */
export interface GgufParts {
  readonly spec: ModelSpec;
  readonly internals: LlamaInternals;
  readonly vocabulary: GgufVocabulary;
  readonly template: PromptTemplate;
  readonly grammars: Grammars;
  readonly stepper: Stepper<DisposableSampler>;
  readonly kvBytes: number;
  /** Gives the context and the weights back. */
  readonly free: () => Promise<void>;
}

/** A model in this process. */
export class GgufModel {
  readonly #parts: GgufParts;
  readonly #prompts: PromptTokens;
  /** Answers that are being opened and were not cancelled meanwhile. */
  readonly #opening = new Set<string>();

  constructor(parts: GgufParts) {
    this.#parts = parts;
    this.#prompts = new PromptTokens(parts.vocabulary);
  }

  /**
   * Checks a request and queues it; what follows comes out of the stepper.
   * @returns the prompt's tokens; undefined when the request was cancelled meanwhile.
   * @throws ParleyError for a request that cannot be answered.
   */
  async generate(id: string, request: EngineRequest, receivedAt: number): Promise<number | undefined> {
    const { spec, vocabulary, stepper } = this.#parts;
    this.#opening.add(id);
    try {
      const config = samplerConfig(request.sampling, {
        contextTokens: spec.contextTokens,
        vocabularySize: vocabulary.size,
      });
      const newState = await this.#parts.grammars.for(request.form);
      if (!this.#opening.has(id)) return undefined;
      const prompt = this.#readPrompt(request);
      const room = spec.contextTokens - prompt.length;
      const accepted = stepper.submit({
        id,
        prompt,
        maxOutputTokens: request.maxOutputTokens === 0 ? room : request.maxOutputTokens,
        stop: request.stop,
        priority: request.priority,
        deadlineAt: request.timeLimitMs === undefined ? undefined : receivedAt + request.timeLimitMs,
        openSampler: () => this.#openSampler(config, newState),
      });
      if (!accepted) throw new ParleyError('overloaded', `The queue of model "${spec.name}" is full.`);
      return prompt.length;
    } finally {
      this.#opening.delete(id);
    }
  }

  /** Whether the answer never reached the stepper, which then says nothing about it. */
  cancel(id: string): boolean {
    if (this.#opening.delete(id)) return true;
    this.#parts.stepper.cancel(id);
    return false;
  }

  count({ messages, texts }: CountRequest): CountResult {
    const { template, vocabulary } = this.#parts;
    return {
      messageTokens: messages.length === 0 ? 0 : this.#prompts.tokenize(template.render(messages)).length,
      textTokens: texts.map((text) => vocabulary.tokenize(text, false).length),
    };
  }

  memory(): ModelMemory {
    const { internals, kvBytes } = this.#parts;
    const context = internals.context.getMemoryBreakdown();
    const bytes = context.cpuRam + context.gpuVram;
    const weights = internals.model.getMemoryBreakdown();
    return {
      device: 'cpu',
      weightsBytes: weights.cpuRam + weights.gpuVram,
      kvBytes: Math.min(kvBytes, bytes),
      computeBytes: Math.max(0, bytes - kvBytes),
    };
  }

  /** Ends what runs, then gives the memory back: a context must not be freed while it decodes. */
  async close(): Promise<void> {
    this.#opening.clear();
    await this.#parts.stepper.stop();
    await this.#parts.free();
  }

  #readPrompt({ messages, maxOutputTokens }: EngineRequest): Uint32Array {
    const { spec, template } = this.#parts;
    const pieces = template.render(messages);
    const length = pieces.reduce((sum, { text }) => sum + text.length, 0);
    if (length > spec.contextTokens * charactersPerToken) {
      const part = this.#prompts.tokenize(headOf(pieces, spec.contextTokens * charactersPerToken)).length;
      if (part > spec.contextTokens) throw tooLong(spec, `at least ${part}`, maxOutputTokens);
    }
    const prompt = this.#prompts.tokenize(pieces);
    if (prompt.length === 0) {
      throw new ParleyError('invalid_request', 'The messages make an empty prompt.', { param: 'messages' });
    }
    if (prompt.length + Math.max(1, maxOutputTokens) > spec.contextTokens) {
      throw tooLong(spec, String(prompt.length), maxOutputTokens);
    }
    return prompt;
  }

  #openSampler(
    config: ReturnType<typeof samplerConfig>,
    newState: Awaited<ReturnType<Grammars['for']>>,
  ): DisposableSampler {
    const { internals } = this.#parts;
    const native = internals.newSampler();
    const state = newState?.();
    native.applyConfig(
      state === undefined ? config : { ...config, grammarEvaluationState: internals.grammarState(state) },
    );
    return { native, [Symbol.dispose]: () => native.dispose() };
  }
}

function headOf<Piece extends { readonly text: string }>(
  pieces: readonly Piece[],
  characters: number,
): Piece[] {
  const head: Piece[] = [];
  let left = characters;
  for (const piece of pieces) {
    if (left <= 0) break;
    head.push({ ...piece, text: piece.text.slice(0, left) });
    left -= piece.text.length;
  }
  return head;
}

function tooLong(spec: ModelSpec, promptTokens: string, maxOutputTokens: number): ParleyError {
  const asked = maxOutputTokens === 0 ? 'leaves no room for an answer' : `asks for ${maxOutputTokens} more`;
  const message =
    `The prompt has ${promptTokens} tokens and ${asked}; ` +
    `model "${spec.name}" holds ${spec.contextTokens} tokens of prompt and answer together.`;
  return new ParleyError('context_length_exceeded', message, { param: 'messages' });
}
