import type { ParleyError } from '@parley/kernel';
import type { MoveProgress } from '../../ports/move-progress.ts';
import type { CachedFile, CacheRoom, ModelCache } from '../../ports/pull/model-cache.ts';
import { requireRoom } from './require-room.ts';

/** A file of the cache that was made here. */
export interface MadeFile extends CachedFile {
  /** Absolute. */
  readonly path: string;
}

/** What making files needs. */
export interface MadeFilesParts {
  readonly cache: ModelCache;
  readonly room: CacheRoom;
  /** Keeps the cache within its bound. */
  readonly bound: { makeRoom(name: string, bytes: number): Promise<void> };
}

/** How files come about here: what their origin begins with. */
const ways = ['quantized', 'converted-from'] as const;

/** Where a file that was made here came from, as the cache keeps it: `WAY:` and what tells it from others. */
export type Origin = `${(typeof ways)[number]}:${string}`;

/** Whether an origin that the cache keeps is of a file that was made here, and not of one that was pulled. */
export function wasMadeHere(origin: string): origin is Origin {
  return ways.some((way) => origin.startsWith(`${way}:`));
}

/** What is to be there. */
export interface MadeFileOrder {
  /** In the cache. */
  readonly file: string;
  /** The model that it is for. */
  readonly model: string;
  readonly origin: Origin;
  /** A file of that name came about in another way. */
  readonly conflict: () => ParleyError;
  /** Writes the file's part. `claim` makes room for so many bytes, and throws where there is none. */
  readonly write: (claim: (bytes: number) => Promise<void>) => Promise<Pick<CachedFile, 'sha256' | 'bytes'>>;
}

/** Files that are made of other models' and kept in the model cache, each once. */
export class MadeFiles {
  readonly #parts: MadeFilesParts;

  constructor(parts: MadeFilesParts) {
    this.#parts = parts;
  }

  /**
   * The file that is there, else a new one in place of one that was made of something else. Other processes that want
   * the same wait. What was written in vain is removed.
   * @throws ParleyError `order.conflict`; CacheFault with the numbers when the disk has too little room; what `write`
   * throws; the signal's reason.
   */
  make(order: MadeFileOrder, progress: MoveProgress): Promise<MadeFile> {
    const { file } = order;
    const onWait = (): void => progress.stage(`waiting for another process that makes ${file}`);
    return this.#parts.room.alone(file, progress.signal, onWait, async () => {
      const there = await this.#there(order, progress.signal);
      return there ?? (await this.#made(order));
    });
  }

  async #there(
    { file, origin, conflict }: MadeFileOrder,
    signal: AbortSignal,
  ): Promise<MadeFile | undefined> {
    const { cache } = this.#parts;
    const found = await cache.find({ name: file }, signal);
    if (found === undefined) return undefined;
    if (found.source === origin) return { ...found, path: `${cache.folder}/${file}` };
    if (found.source.split(':')[0] === origin.split(':')[0]) return undefined;
    throw conflict();
  }

  async #made({ file, model, origin, write }: MadeFileOrder): Promise<MadeFile> {
    const { cache, room, bound } = this.#parts;
    try {
      const content = await write(async (bytes) => {
        await room.discardPart(file);
        await bound.makeRoom(model, bytes);
        requireRoom({ name: file, bytes, folder: cache.folder }, await room.freeBytes([file]));
      });
      const kept = { ...content, name: file, source: origin };
      await cache.keep(kept);
      return { ...kept, path: `${cache.folder}/${file}` };
    } catch (error) {
      await room.discardPart(file);
      throw error;
    }
  }
}
