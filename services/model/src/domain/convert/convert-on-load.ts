import type { LoadProgress } from '../../ports/load-progress.ts';
import type { ShardFolders } from '../../ports/convert/shard-folder.ts';
import { plainName } from '../catalog/entry-of-source.ts';
import type { ConvertedFiles } from './converted-files.ts';

/** While a model is being loaded. */
interface LoadingScope {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/**
 * Converts the folder that a document names as a model's path, when the model is first loaded. The file stays in the
 * model cache as `NAME.safetensors.gguf`, NAME being the model's, so that no pulled or ordered model has its name.
 */
export class ConvertOnLoad {
  readonly #folders: ShardFolders;
  readonly #files: Pick<ConvertedFiles, 'make'>;

  constructor(folders: ShardFolders, files: Pick<ConvertedFiles, 'make'>) {
    this.#folders = folders;
    this.#files = files;
  }

  /** The GGUF file in a folder's place; any other path as it is. @throws ParleyError that says why not; the signal's reason. */
  async path(
    { name, path }: { readonly name: string; readonly path: string },
    { signal, onProgress }: LoadingScope,
  ): Promise<string> {
    if (!(await this.#folders.holdsShards(path))) return path;
    const tell = (share: number): void => onProgress?.({ stage: 'converting the weights', share });
    tell(0);
    const folder = await this.#folders.read(path, signal);
    const sha256 = await this.#folders.digest(folder, signal);
    const order = { name: `${plainName(name).slice(0, 51)}.safetensors`, folder, sha256, preTokenizer: '' };
    const made = await this.#files.make(order, {
      signal,
      stage: () => undefined,
      note: () => undefined,
      share: tell,
    });
    return made.path;
  }
}
