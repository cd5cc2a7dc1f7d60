import type { ModelDefinition } from '../../../domain/models/model-definition.ts';
import type { ModelRegistry } from '../../../domain/models/model-registry.ts';
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

  isDescribed(name: string): boolean {
    const model = this.#registry.named(name);
    return model?.definition.document !== undefined;
  }

  async prove(definition: ModelDefinition, signal: AbortSignal): Promise<FileFacts | undefined> {
    return (await this.#registry.prove(definition, signal)).inspection;
  }

  register(definition: ModelDefinition): void {
    this.#registry.register(definition);
  }

  forget(name: string): void {
    this.#registry.forget(name);
  }

  whyNeeded(path: string): string {
    for (const { name, alive, definition } of this.#registry.models) {
      if (definition.path !== path) continue;
      if (alive) return 'it is loaded';
      const [alias] = this.#registry.aliases.of(name);
      if (alias !== undefined) return `alias ${alias} points to it`;
      const kept = this.#registry.aliases.all.find(({ previous }) => previous === name);
      if (kept !== undefined) return `alias ${kept.alias} may go back to it`;
      if (definition.document !== undefined) return `${definition.document.file} describes it`;
    }
    return '';
  }

  pathsInUse(): readonly string[] {
    return this.#registry.models.filter(({ alive }) => alive).map(({ definition }) => definition.path);
  }
}
