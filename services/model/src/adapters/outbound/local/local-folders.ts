import type { LocalProgram } from '../../../domain/sources/model-source.ts';
import type { LocalModel, LocalModels } from '../../../ports/pull/local-models.ts';
import { digestInName, ggufModels } from './gguf-folder.ts';
import type { FoundModel } from './gguf-folder.ts';
import { hubCacheModels } from './hub-cache-folder.ts';
import { ollamaModels } from './ollama-folder.ts';

/** Where other programs keep their models; of several folders all are looked at. */
export interface LocalFolderPaths {
  readonly ollama: readonly string[];
  readonly lmStudio: readonly string[];
  /** Files side by side, as llama.cpp kept them until 2026. */
  readonly llamaCpp: readonly string[];
  /** Caches of the hub's clients, as llama.cpp keeps them since. */
  readonly hubCaches: readonly string[];
}

/** The models of Ollama, LM Studio and llama.cpp in their folders. */
export class LocalFolders implements LocalModels {
  readonly #paths: LocalFolderPaths;

  constructor(paths: LocalFolderPaths) {
    this.#paths = paths;
  }

  async list(signal: AbortSignal): Promise<LocalModel[]> {
    const { ollama, lmStudio, llamaCpp, hubCaches } = this.#paths;
    const models: LocalModel[] = [];
    for (const folder of ollama) models.push(...(await ollamaModels(folder)));
    signal.throwIfAborted();
    for (const folder of lmStudio) models.push(...(await localModels('lmstudio', await ggufModels(folder))));
    signal.throwIfAborted();
    for (const folder of hubCaches)
      models.push(...(await localModels('llamacpp', await hubCacheModels(folder))));
    for (const folder of llamaCpp) {
      // The same folder may be kept in both ways.
      const flat = (await ggufModels(folder)).filter(({ name }) => !name.includes('/'));
      models.push(...(await localModels('llamacpp', flat)));
    }
    return withoutRepeats(models);
  }
}

async function localModels(program: LocalProgram, found: readonly FoundModel[]): Promise<LocalModel[]> {
  const models: LocalModel[] = [];
  for (const model of found) {
    const [path = '', ...others] = model.paths;
    const sha256 = others.length === 0 ? await digestInName(path) : undefined;
    models.push({
      ...model,
      program,
      license: '',
      profile: { sampling: {}, stop: [], systemRole: true },
      ...(sha256 === undefined ? {} : { sha256 }),
    });
  }
  return models;
}

function withoutRepeats(models: readonly LocalModel[]): LocalModel[] {
  const known = new Map<string, LocalModel>();
  for (const model of models) {
    const key = `${model.program}:${model.name}`;
    if (!known.has(key)) known.set(key, model);
  }
  return [...known.values()];
}
