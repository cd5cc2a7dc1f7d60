import type {
  AnswerForm,
  CountRequest,
  CountResult,
  EngineRequest,
  ModelMemory,
  ModelSpec,
} from '../../../../ports/engine.ts';
import type { AnswerReaders } from './answer/answer-readers.ts';
import { readingOf } from './answer/answer-reading.ts';
import type { GgufVocabulary } from './load/gguf-vocabulary.ts';
import type { Grammars } from './grammar/grammars.ts';
import type { LlamaInternals } from './load/llama-internals.ts';
import { ledgerOf } from './load/memory-ledger.ts';
import type { DisposableSampler } from './step/native-batch.ts';
import type { PromptTemplate } from './prompt/prompt-template.ts';
import { noScope } from './prefix/cache-scope.ts';
import { PromptTokens } from './prompt/prompt-tokens.ts';
import { readPrompt } from './prompt/read-prompt.ts';
import { samplerConfig } from './step/sampler-config.ts';
import type { Stepper } from './step/stepper.ts';
import { planCalls } from './prompt/tool-calling.ts';
import type { CallPlan } from './prompt/tool-calling.ts';
import { toolsFault } from './prompt/tool-schema.ts';

/** What a loaded model is made of. */
export interface GgufParts {
  readonly spec: ModelSpec;
  readonly internals: LlamaInternals;
  readonly vocabulary: GgufVocabulary;
  readonly template: PromptTemplate;
  readonly grammars: Grammars;
  readonly stepper: Stepper<DisposableSampler>;
  /** What the stepper says goes through them. */
  readonly readers: AnswerReaders;
  readonly kvBytes: number;
  /** How full the graphics cards are. */
  readonly cards: () => Promise<{ readonly usedBytes: number; readonly totalBytes: number }>;
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
    const { spec, vocabulary, template, stepper, readers } = this.#parts;
    this.#opening.add(id);
    try {
      const config = samplerConfig(request.sampling, {
        contextTokens: spec.contextTokens,
        vocabularySize: vocabulary.size,
      });
      const plan = planCalls(request.tools, template.toolFormat, request.form);
      const newState = await this.#grammar(plan, request.form);
      if (!this.#opening.has(id)) return undefined;
      const { tokens: prompt, endsInThought } = readPrompt(
        request,
        { ...this.#parts, prompts: this.#prompts },
        { functions: plan.described, begun: plan.forced?.prompt ?? '' },
      );
      readers.open(id, readingOf(request, spec, { plan, format: template.toolFormat, endsInThought }));
      const room = spec.contextTokens - prompt.length;
      const refusal = stepper.submit({
        id,
        prompt,
        scope: request.cache ?? noScope,
        tenant: request.tenant ?? '',
        maxOutputTokens: request.maxOutputTokens === 0 ? room : request.maxOutputTokens,
        stop: request.stop,
        priority: request.priority,
        deadlineAt: request.timeLimitMs === undefined ? undefined : receivedAt + request.timeLimitMs,
        openSampler: () => this.#openSampler(config, newState),
      });
      if (refusal !== undefined) {
        readers.forget(id);
        throw refusal;
      }
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

  count({ messages, tools, texts }: CountRequest): CountResult {
    const { template, vocabulary } = this.#parts;
    const { described } = planCalls(tools, template.toolFormat, { kind: 'text' });
    return {
      messageTokens:
        messages.length === 0 ? 0 : this.#prompts.tokenize(template.render(messages, described)).length,
      textTokens: texts.map((text) => vocabulary.tokenize(text, false).length),
    };
  }

  async memory(): Promise<ModelMemory> {
    const { internals, kvBytes, cards } = this.#parts;
    const context = internals.context.getMemoryBreakdown();
    const ledger = ledgerOf(internals.model.getMemoryBreakdown(), context, kvBytes);
    return ledger.gpu === undefined ? ledger : { ...ledger, gpu: { ...ledger.gpu, cards: await cards() } };
  }

  /** Ends what runs, then gives the memory back: a context must not be freed while it decodes. */
  async close(): Promise<void> {
    this.#opening.clear();
    await this.#parts.stepper.stop();
    await this.#parts.free();
  }

  #grammar({ forced }: CallPlan, form: AnswerForm): ReturnType<Grammars['for']> {
    const { grammars } = this.#parts;
    if (forced === undefined) return grammars.for(form);
    return grammars.for(forced.form).catch((error: unknown) => {
      throw toolsFault('No call can be enforced with these tools', error);
    });
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
