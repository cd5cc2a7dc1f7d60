import type {
  AnswerForm,
  CountRequest,
  CountResult,
  EngineRequest,
  ModelMemory,
  ModelSpec,
} from '../../../../ports/engine.ts';
import type { CacheScope } from '../../../../ports/cache-scope.ts';
import type { AnswerReaders } from './answer/answer-readers.ts';
import { readingOf } from './answer/answer-reading.ts';
import type { GgufVocabulary } from './load/gguf-vocabulary.ts';
import type { Grammars } from './grammar/grammars.ts';
import type { LlamaInternals } from './load/llama-internals.ts';
import { ledgerOf } from './load/memory-ledger.ts';
import type { DisposableSampler } from './step/native-batch.ts';
import type { PromptTemplate } from './prompt/prompt-template.ts';
import { noScope } from './prefix/cache-scope.ts';
import type { SequenceKeeper } from './prefix/sequence-keeper.ts';
import { TokenPrefix } from './prefix/token-prefix.ts';
import { PromptTokens } from './prompt/prompt-tokens.ts';
import { readPrompt } from './prompt/read-prompt.ts';
import { samplerConfig } from './step/sampler-config.ts';
import type { Stepper } from './step/stepper.ts';
import { planCalls } from './prompt/tool-calling.ts';
import type { CallPlan } from './prompt/tool-calling.ts';
import { toolsFault } from './prompt/tool-schema.ts';

/** What is idle for two looks is written: a conversation that goes on at once is not. */
const lookEveryMs = 5000;
/** Less than what a host has for its end, the last answers and its memory included. */
const finishMs = 3000;
/** While a service drains there is more time. */
const keepMs = 10_000;

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
  /** Absent: nothing outlives the model. */
  readonly keeper: SequenceKeeper | undefined;
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
  readonly #looking: NodeJS.Timeout | undefined;

  constructor(parts: GgufParts) {
    this.#parts = parts;
    this.#prompts = new PromptTokens(parts.vocabulary);
    const { keeper, stepper } = parts;
    if (keeper !== undefined)
      this.#looking = setInterval(() => void keeper.look(stepper), lookEveryMs).unref();
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
      const scope = request.cache ?? noScope;
      await this.#prepare(scope, prompt);
      if (!this.#opening.has(id)) return undefined;
      readers.open(id, readingOf(request, spec, { plan, format: template.toolFormat, endsInThought }));
      const room = spec.contextTokens - prompt.length;
      const refusal = stepper.submit({
        id,
        prompt,
        scope,
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

  /** Writes what sequences hold that are not in use, what was used last first. */
  async keep(): Promise<void> {
    await this.#parts.keeper?.finish(this.#parts.stepper, keepMs);
  }

  /** Removes what a scope has left, in memory and on disk. */
  async forget(own: string): Promise<void> {
    const { stepper, keeper } = this.#parts;
    stepper.forget(own);
    await keeper?.forget(own);
  }

  /**
   * Ends what runs, keeps what sequences hold, then gives the memory back: a context must not be freed while it decodes.
   */
  async close(): Promise<void> {
    const { stepper, keeper, free } = this.#parts;
    this.#opening.clear();
    clearInterval(this.#looking);
    await stepper.stop();
    await keeper?.finish(stepper, finishMs);
    await free();
  }

  /** What is kept of a prompt is read from disk before it waits: answers that run need not. */
  async #prepare(scope: CacheScope, tokens: Uint32Array): Promise<void> {
    const { keeper, stepper } = this.#parts;
    if (keeper === undefined || (scope.own === '' && scope.shared === '')) return;
    const prompt = TokenPrefix.of(scope, tokens);
    await keeper.prepare(prompt, stepper.known(prompt));
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
