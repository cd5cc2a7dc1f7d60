import { ParleyError } from '@parley/kernel';
import type {
  CountRequest,
  CountResult,
  EngineRequest,
  ModelMemory,
  ModelSpec,
} from '../../../../ports/engine.ts';
import type { HostModel } from '../../gguf/host/host-engine.ts';
import { noScope } from '../../gguf/host/prefix/cache-scope.ts';
import type { PromptTemplate } from '../../gguf/host/prompt/prompt-template.ts';
import { PromptTokens } from '../../gguf/host/prompt/prompt-tokens.ts';
import { readPrompt } from '../../gguf/host/prompt/read-prompt.ts';
import type { Stepper } from '../../gguf/host/step/stepper.ts';
import type { CausalGraph } from './causal-graph.ts';
import type { OnnxBatch } from './onnx-batch.ts';
import type { OnnxVocabulary } from './onnx-vocabulary.ts';
import { TokenChoice } from './token-choice.ts';

/** What a model that answers is made of. */
export interface CausalParts {
  readonly spec: ModelSpec;
  readonly graph: CausalGraph;
  readonly batch: OnnxBatch;
  readonly vocabulary: OnnxVocabulary;
  readonly template: PromptTemplate;
  readonly stepper: Stepper<TokenChoice>;
  readonly weightsBytes: number;
}

/** A model in this process that answers. */
export class CausalModel implements HostModel {
  readonly #parts: CausalParts;
  readonly #prompts: PromptTokens;

  constructor(parts: CausalParts) {
    this.#parts = parts;
    this.#prompts = new PromptTokens(parts.vocabulary);
  }

  generate(id: string, request: EngineRequest, receivedAt: number): Promise<number> {
    // A promise for what is thrown, too.
    return Promise.resolve().then(() => this.#begin(id, request, receivedAt));
  }

  cancel(id: string): void {
    this.#parts.stepper.cancel(id);
  }

  count({ messages, texts }: CountRequest): CountResult {
    const { template, vocabulary } = this.#parts;
    const bos = vocabulary.prependBos && vocabulary.bosToken !== undefined ? 1 : 0;
    return {
      messageTokens: messages.length === 0 ? 0 : this.#prompts.tokenize(template.render(messages)).length,
      textTokens: texts.map((text) => this.#prompts.tokenize([{ text, trusted: false }]).length - bos),
    };
  }

  memory(): ModelMemory {
    const { weightsBytes, batch } = this.#parts;
    return { device: 'cpu', weightsBytes, kvBytes: batch.heldBytes, computeBytes: 0 };
  }

  async close(): Promise<void> {
    await this.#parts.stepper.stop();
    await this.#parts.graph.release();
  }

  #begin(id: string, request: EngineRequest, receivedAt: number): number {
    const { spec, vocabulary, stepper } = this.#parts;
    if (request.form.kind !== 'text') {
      const message = 'The onnx engine cannot enforce the form of an answer; the gguf engine can.';
      throw new ParleyError('unsupported', message, { param: 'format' });
    }
    const { tokens: prompt } = readPrompt(request, { ...this.#parts, prompts: this.#prompts });
    const sampler = new TokenChoice(request.sampling, vocabulary.size);
    const refusal = stepper.submit({
      id,
      prompt,
      scope: request.cache ?? noScope,
      tenant: request.tenant ?? '',
      maxOutputTokens:
        request.maxOutputTokens === 0 ? spec.contextTokens - prompt.length : request.maxOutputTokens,
      stop: request.stop,
      priority: request.priority,
      deadlineAt: request.timeLimitMs === undefined ? undefined : receivedAt + request.timeLimitMs,
      openSampler: () => sampler,
    });
    if (refusal !== undefined) throw refusal;
    return prompt.length;
  }
}
