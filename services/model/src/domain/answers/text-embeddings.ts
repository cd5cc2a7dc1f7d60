import { ParleyError } from '@parley/kernel';
import type { Embeddings } from '../../ports/engine.ts';
import type { ModelIdentity } from '../../ports/model-events.ts';
import type { FirstUse } from '../loading/first-use.ts';
import type { ModelRegistry } from '../models/model-registry.ts';

const maxTexts = 2048;

/** Turns texts into vectors where a model's engine can. */
export class TextEmbeddings {
  readonly #registry: ModelRegistry;
  readonly #use: FirstUse;

  constructor(registry: ModelRegistry, use: FirstUse) {
    this.#registry = registry;
    this.#use = use;
  }

  /**
   * @param named alias, model name or digest
   * @throws ParleyError `unsupported`, naming the engines of this installation that can; `invalid_request`,
   * `model_not_found`, `model_not_ready`, and what the engine throws.
   */
  async embed(
    named: string,
    texts: readonly string[],
    signal: AbortSignal,
  ): Promise<Embeddings & { readonly model: ModelIdentity }> {
    checkTexts(texts);
    const known = this.#registry.find(named);
    if (!known.engine.embeds) throw this.#unsupported(known.name, known.engine.name);
    const slot = await this.#use.slot(named, signal);
    const model = slot.ready();
    if (model.embed === undefined) throw this.#unsupported(known.name, known.engine.name);
    return { model: slot.identity, ...(await model.embed(texts, signal)) };
  }

  #unsupported(model: string, engine: string): ParleyError {
    const engines = this.#registry.embeddingEngines.join(', ');
    const who = engines === '' ? 'No engine of this installation can.' : `Engines that can: ${engines}.`;
    const message = `Model "${model}" makes no embeddings: its engine "${engine}" cannot. ${who}`;
    return new ParleyError('unsupported', message, { param: 'model' });
  }
}

function checkTexts(texts: readonly string[]): void {
  const invalid = (param: string, what: string): ParleyError =>
    new ParleyError('invalid_request', `${param} ${what}.`, { param });
  if (texts.length === 0) throw invalid('texts', 'must hold at least one text');
  if (texts.length > maxTexts) throw invalid('texts', `can hold ${maxTexts} texts at most`);
  const empty = texts.indexOf('');
  if (empty !== -1) throw invalid(`texts[${empty}]`, 'must not be empty');
}
