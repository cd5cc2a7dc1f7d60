import type { ModelDefinition } from '../../../domain/model-definition.ts';
import type { ModelRegistry } from '../../../domain/model-registry.ts';
import type { FileFacts, ModelShelf } from '../../../ports/pull/model-shelf.ts';

/** The registry of this process, as pulls see it. */
export class RegistryShelf implements ModelShelf {
  readonly #registry: ModelRegistry;

  constructor(registry: ModelRegistry) {
    this.#registry = registry;
  }

  hasEngine(name: string): boolean {
    return this.#registry.hasEngine(name);
  }

  async prove(definition: ModelDefinition, signal: AbortSignal): Promise<FileFacts | undefined> {
    return (await this.#registry.prove(definition, signal)).inspection;
  }

  register(definition: ModelDefinition): void {
    this.#registry.register(definition);
  }
}
