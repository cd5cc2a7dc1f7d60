import { join } from 'node:path';
import type { FileSource } from '../../../domain/sources/file-source.ts';
import type { FileContent, WantedFile } from '../../../ports/pull/model-cache.ts';
import type { PullProgress } from '../../../ports/pull/pull-progress.ts';
import type { Downloads } from './downloads.ts';
import { hubAccess, hubUrl, linkedDigest } from './hub-access.ts';
import type { HubOptions } from './hub-access.ts';

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

  async fetch(
    source: HubSource | AddressSource,
    file: WantedFile,
    progress: PullProgress,
  ): Promise<FileContent> {
    const { name, bytes, sha256 } = file;
    const target = { path: join(this.#folder, name), source: source.text, name, bytes, sha256, headers: {} };
    if (source.kind === 'web')
      return this.#downloads.fetch({ ...target, url: new URL(source.url) }, progress);
    const { repository, file: path, revision } = source;
    const url = hubUrl(this.#hub, [repository, 'resolve', revision, path]);
    let announced = '';
    const onHead = (headers: Headers): void => {
      announced ||= linkedDigest(headers);
    };
    const access = await hubAccess(this.#hub);
    const content = await this.#downloads.fetch({ ...target, url, onHead, ...access }, progress);
    return announced === '' ? content : { ...content, announcedSha256: announced };
  }
}
