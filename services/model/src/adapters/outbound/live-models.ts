import { LiveDocuments } from '@parley/config';
import type { DocumentFault, DocumentsReport } from '@parley/config';
import type { ModelReload, ReloadFault } from '../../domain/switching/model-reload.ts';
import { compileFolder, modelKinds } from './config-folder.ts';
import type { ConfiguredModels } from './config-folder.ts';
import type { ModelFolders } from './model-documents.ts';

/** Told of what becomes of changed documents; must not throw. */
export interface LiveModelsEvents {
  documentsTaken(revision: number, faults: number): void;
  /** Everything that is wrong with the documents now; none: it has been mended. */
  documentFaults(faults: readonly DocumentFault[]): void;
}

/** Follows changes of the model documents: what is right in itself is taken, what is not stays as it was and is told. */
export class LiveModels implements AsyncDisposable {
  readonly #reload: ModelReload;
  readonly #events: LiveModelsEvents;
  readonly #live: LiveDocuments<ConfiguredModels>;
  /** Documents that are right in themselves and whose models could not be had. */
  #unmet: readonly DocumentFault[] = [];
  #taking: Promise<void> = Promise.resolve();

  constructor(folders: ModelFolders, reload: ModelReload, events: LiveModelsEvents) {
    this.#reload = reload;
    this.#events = events;
    this.#live = new LiveDocuments({
      configDir: folders.configDir,
      kinds: modelKinds,
      compile: compileFolder(folders),
      events: { changed: (report) => this.#changed(report), faults: () => this.#tellFaults() },
    });
  }

  /** Begins with the documents that the registry was made of. */
  start(): Promise<void> {
    return this.#live.start();
  }

  /** What is in effect, and all that is wrong. */
  get report(): DocumentsReport {
    const { report } = this.#live;
    return { ...report, faults: [...report.faults, ...this.#unmet] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#live[Symbol.asyncDispose]();
    await this.#taking;
  }

  #changed({ revision }: DocumentsReport): void {
    if (revision === 1) return;
    const { definitions } = this.#live.current;
    this.#taking = this.#take(revision, definitions);
  }

  /** Never rejects. */
  async #take(revision: number, definitions: ConfiguredModels['definitions']): Promise<void> {
    try {
      const faults = await this.#reload.apply(definitions);
      this.#unmet = faults.map(faultOf);
      this.#events.documentsTaken(revision, faults.length);
      if (faults.length > 0) this.#tellFaults();
    } catch {
      // The registry has ended: there is nothing to take them for.
    }
  }

  #tellFaults(): void {
    this.#events.documentFaults(this.report.faults);
  }
}

function faultOf({ file, message }: ReloadFault): DocumentFault {
  return { file, line: 1, path: '', message };
}
