import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireRoom } from '../../../domain/pull/require-room.ts';
import type { FileSource } from '../../../domain/sources/file-source.ts';
import type { CacheRoom, FileContent, WantedFile } from '../../../ports/pull/model-cache.ts';
import type { PullProgress } from '../../../ports/pull/pull-progress.ts';
import { PartFile } from './part-file.ts';
import { sourceFault } from './source-fault.ts';

/** Files of this machine. They are copied: what lies in the cache changes with no other file. */
export class LocalSource {
  readonly #room: CacheRoom;
  readonly #folder: string;

  constructor(room: CacheRoom, folder: string) {
    this.#room = room;
    this.#folder = folder;
  }

  async fetch(
    { url, text }: Extract<FileSource, { kind: 'file' }>,
    { name, bytes }: WantedFile,
    progress: PullProgress,
  ): Promise<FileContent> {
    const path = fileURLToPath(url);
    const found = await stat(path).catch((error: unknown) => {
      throw sourceFault('it is not there, or may not be read.', { cause: error });
    });
    if (!found.isFile()) throw sourceFault('it is no file.');
    if (bytes !== undefined && bytes !== found.size)
      throw sourceFault(`it has ${found.size} bytes, not ${bytes}.`);
    requireRoom({ name, bytes: found.size, folder: this.#folder }, await this.#room.freeBytes([]));
    await using part = await PartFile.open(join(this.#folder, name), text, progress.signal);
    const reading = createReadStream(path, { highWaterMark: 1024 * 1024, signal: progress.signal });
    try {
      for await (const chunk of reading) {
        await part.write(chunk as Buffer);
        progress.bytes(part.bytes, found.size);
      }
    } finally {
      reading.destroy();
    }
    return part.content();
  }
}
