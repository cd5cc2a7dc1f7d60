import { ParleyError } from '@parley/kernel';
import type { ModelDefinition } from '../../domain/models/model-definition.ts';
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
  readonly forgotten: string[] = [];
  /** Why models are needed, by the path of their weights. */
  readonly needed = new Map<string, string>();

  hasEngine(name: string): boolean {
    return name === 'gguf';
  }

  isDescribed(name: string): boolean {
    return this.taken.has(name);
  }

  prove({ name }: ModelDefinition): Promise<FileFacts | undefined> {
    this.proved.push(name);
    return this.fault === undefined ? Promise.resolve(this.facts) : Promise.reject(this.fault);
  }

  register(definition: ModelDefinition): void {
    if (this.taken.has(definition.name)) throw new ParleyError('conflict', `${definition.name} is taken.`);
    this.registered.push(definition);
  }

  forget(name: string): void {
    this.forgotten.push(name);
  }

  whyNeeded(path: string): string {
    return this.needed.get(path) ?? '';
  }

  pathsInUse(): readonly string[] {
    return [...this.needed].filter(([, why]) => why === 'it is loaded').map(([path]) => path);
  }
}
