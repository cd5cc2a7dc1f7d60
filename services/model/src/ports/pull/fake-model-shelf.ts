import { ParleyError } from '@parley/kernel';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { FileFacts, ModelShelf } from './model-shelf.ts';

/** A shelf with the engine gguf. */
export class FakeModelShelf implements ModelShelf {
  readonly registered: ModelDefinition[] = [];
  readonly proved: string[] = [];
  /** What files say of themselves. */
  facts: FileFacts | undefined;
  /** Why no file can be opened. */
  fault: ParleyError | undefined;
  /** Names that belong to other models. */
  readonly taken = new Set<string>();

  hasEngine(name: string): boolean {
    return name === 'gguf';
  }

  prove({ name }: ModelDefinition): Promise<FileFacts | undefined> {
    this.proved.push(name);
    return this.fault === undefined ? Promise.resolve(this.facts) : Promise.reject(this.fault);
  }

  register(definition: ModelDefinition): void {
    if (this.taken.has(definition.name)) throw new ParleyError('conflict', `${definition.name} is taken.`);
    this.registered.push(definition);
  }
}
