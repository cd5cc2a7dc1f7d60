import { ParleyError } from '@parley/kernel';
import type { Engine, LoadedModel, ModelSpec } from '../../ports/engine.ts';

/** Stands for an engine that a known model wants and this installation does not have. */
export class AbsentEngine implements Engine {
  readonly name: string;
  readonly version = '';
  readonly embeds = false;
  readonly #installed: readonly string[];

  constructor(name: string, installed: readonly string[]) {
    this.name = name;
    this.#installed = installed;
  }

  load({ name }: ModelSpec): Promise<LoadedModel> {
    const message = `Model "${name}" wants the engine "${this.name}", which is not installed; there are: ${this.#installed.join(', ')}.`;
    return Promise.reject(new ParleyError('unsupported', message));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
