import { join } from 'node:path';
import type { FileSource } from '../../../domain/sources/file-source.ts';
import type { FileContent, WantedFile } from '../../../ports/pull/model-cache.ts';
import type { PullProgress } from '../../../ports/pull/pull-progress.ts';
import type { Downloads } from './downloads.ts';

/** How a hub of models is asked. */
export interface HubOptions {
  /** Its address, without a slash at the end. */
  readonly endpoint: string;
  /** '' = no token. */
  readonly token: string;
}

type HubSource = Extract<FileSource, { kind: 'hf' }>;
type AddressSource = Extract<FileSource, { kind: 'web' }>;

/** Files by their address: https:, or hf: at the hub. */
export class WebSource {
  readonly #downloads: Downloads;
  readonly #folder: string;
  readonly #hub: HubOptions;

  constructor(downloads: Downloads, folder: string, hub: HubOptions) {
    this.#downloads = downloads;
    this.#folder = folder;
    this.#hub = hub;
  }

  fetch(source: HubSource | AddressSource, file: WantedFile, progress: PullProgress): Promise<FileContent> {
    const address = source.kind === 'web' ? { url: new URL(source.url) } : this.#atHub(source);
    const { name, bytes, sha256 } = file;
    const target = { path: join(this.#folder, name), source: source.text, name, bytes, sha256 };
    return this.#downloads.fetch({ ...address, ...target, headers: {} }, progress);
  }

  #atHub({ repository, file, revision }: HubSource): { url: URL; authorization?: string } {
    const { endpoint, token } = this.#hub;
    const path = [...repository.split('/'), 'resolve', ...revision.split('/'), ...file.split('/')];
    const url = new URL(`${endpoint}/${path.map(encodeURIComponent).join('/')}`);
    return token === '' ? { url } : { url, authorization: `Bearer ${token}` };
  }
}
