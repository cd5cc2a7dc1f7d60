import { ParleyError } from '@parley/kernel';
import type { LocalModel } from '../../ports/pull/local-models.ts';
import type { PullProgress } from '../../ports/pull/pull-progress.ts';
import type { CatalogEntry } from '../catalog/catalog-entry.ts';
import { modelNameFor } from '../catalog/entry-of-source.ts';
import { isSource } from '../sources/file-source.ts';
import { modelSourceForms, parseModelSource } from '../sources/model-source.ts';
import { adoptModel } from './adopt-model.ts';
import type { ModelPullsParts } from './model-pulls-parts.ts';
import { pullEntry } from './pull-entry.ts';
import { PulledModels } from './pulled-models.ts';
import { unlistedModel } from './unlisted-entry.ts';

/** The kind of job that pulls are. */
export const pullKind = 'pull';

/** An entry of the catalogue and what is true of it here. */
export interface CatalogListing {
  readonly entry: CatalogEntry;
  /** All its files are here and are the right ones. */
  readonly installed: boolean;
  readonly engineAvailable: boolean;
}

/** Models that can be pulled, and those that were. */
export class ModelPulls {
  readonly #parts: ModelPullsParts;
  readonly #pulled: PulledModels;

  constructor(parts: ModelPullsParts) {
    this.#parts = parts;
    this.#pulled = new PulledModels(parts);
  }

  /**
   * What a pull by that name is about; the same for all that would do the same work.
   * @param named an entry of the catalogue, or a source
   * @throws ParleyError `model_not_found`, `invalid_request` or `unsupported` that says what there is.
   */
  subject(named: string): string {
    const entry = this.#entry(named);
    if (entry !== undefined) return entry.name;
    const source = parseModelSource(named);
    const isFile = source.kind !== 'local' && source.kind !== 'repository';
    return isFile ? modelNameFor(source) : source.text;
  }

  /** The work of a job: the model's files into the cache, tried out, and the model on the shelf. */
  async pull(named: string, progress: PullProgress): Promise<void> {
    const name = await this.#pull(named, progress);
    progress.note(`${name} is registered: parley models load ${name}`);
    progress.stage('registered');
  }

  /** The catalogue, in its order. Models that came into the cache by other hands are put on the shelf by the way. */
  async list(signal: AbortSignal): Promise<CatalogListing[]> {
    const { entries, shelf } = this.#parts;
    const listings: CatalogListing[] = [];
    for (const entry of entries) {
      const files = await this.#pulled.filesOf(entry, signal);
      if (files !== undefined) this.#pulled.registerQuietly(entry, files);
      listings.push({
        entry,
        installed: files !== undefined,
        engineAvailable: shelf.hasEngine(entry.engine),
      });
    }
    return listings;
  }

  /** Models that other programs keep on this machine. */
  listLocal(signal: AbortSignal): Promise<LocalModel[]> {
    return this.#parts.local.list(signal);
  }

  /** Puts models on the shelf that were kept earlier; quick, because no file is read. Never rejects. */
  restore(): Promise<void> {
    return this.#pulled.restore();
  }

  /** Finds models that another process pulled since, or somebody put into the cache; forgets what is gone. Never rejects. */
  refresh(signal: AbortSignal): Promise<void> {
    return this.#pulled.refresh(signal);
  }

  async #pull(named: string, progress: PullProgress): Promise<string> {
    const listed = this.#entry(named);
    if (listed !== undefined) return this.#pullEntry(listed, progress);
    const source = parseModelSource(named);
    if (source.kind === 'local') return adoptModel(source, this.#parts, progress);
    return this.#pullEntry(await unlistedModel(source, this.#parts, progress), progress);
  }

  async #pullEntry(entry: CatalogEntry, progress: PullProgress): Promise<string> {
    const { shelf } = this.#parts;
    const files = await pullEntry(entry, this.#parts, progress);
    if (!shelf.hasEngine(entry.engine)) {
      this.#pulled.register(entry, files);
      const lack = `the engine "${entry.engine}" that runs it is not installed; the error of a load says how that is done`;
      progress.note(`${entry.name} is here, but ${lack}.`);
      return entry.name;
    }
    progress.stage('trying it out in a process of its own');
    this.#pulled.register(await this.#pulled.proved(entry, files, progress.signal), files);
    return entry.name;
  }

  #entry(named: string): CatalogEntry | undefined {
    const { entries } = this.#parts;
    const entry = entries.find(({ name }) => name === named);
    if (entry !== undefined || isSource(named)) return entry;
    const names = entries.map(({ name }) => name).join(', ');
    const message = `The catalogue has no model "${named.slice(0, 200)}". It has: ${names}. A source is: ${modelSourceForms}.`;
    throw new ParleyError('model_not_found', message, { param: 'source' });
  }
}
