import { ParleyError } from '@parley/kernel';
import type { MoveProgress } from '../../ports/move-progress.ts';
import type { CachedFile, CacheRoom, ModelCache } from '../../ports/pull/model-cache.ts';
import type { WeightsWriter } from '../../ports/quantise/weights-writer.ts';
import { byteText } from '../pull/byte-text.ts';
import { requireRoom } from '../pull/require-room.ts';
import { quantisedName } from './weight-format.ts';
import type { WeightFormat } from './weight-format.ts';

/** Which weights, in which form. */
export interface QuantisedFileOrder {
  /** The model's name, the absolute path of its weights (of split ones the first part), and their sha256. */
  readonly source: { readonly name: string; readonly path: string; readonly sha256: string };
  readonly format: WeightFormat;
  /** Whether weights that are quantised already may be quantised again, which loses more than doing it once. */
  readonly requantize: boolean;
}

/** A file of the cache that was made from a model's weights. */
export interface QuantisedFile extends CachedFile {
  /** Absolute. */
  readonly path: string;
}

/** What making files needs. */
export interface QuantisedFilesParts {
  readonly cache: ModelCache;
  readonly room: CacheRoom;
  readonly writer: WeightsWriter;
  /** Keeps the cache within its bound. */
  readonly bound: { makeRoom(name: string, bytes: number): Promise<void> };
}

const originPrefix = 'quantized:';
/** What matrices are written in by those who trained the model. */
const exactFormats: ReadonlySet<string> = new Set(['f32', 'f16', 'bf16']);

/**
 * Makes files with fewer bits out of models' weights and keeps them in the model cache. It knows no registry and judges
 * no quality: `QuantisedModels` does, and loads that want another precision than their file has may use it alone.
 */
export class QuantisedFiles {
  readonly #parts: QuantisedFilesParts;

  constructor(parts: QuantisedFilesParts) {
    this.#parts = parts;
  }

  /** What makes the files, for the record. */
  get tool(): string {
    return this.#parts.writer.tool;
  }

  /**
   * The file that holds these weights in that format: the one that is there, else a new one. Other processes that want
   * the same wait. The result lies in the cache as `NAME-FORMAT.gguf`.
   * @throws ParleyError `conflict` when the file of that name is something else; `unsupported` when the source is
   * quantised and may not be quantised again; CacheFault with the numbers when the disk has too little room;
   * `engine_failed` that says what is wrong with the source or the installation; the signal's reason.
   */
  make(order: QuantisedFileOrder, progress: MoveProgress): Promise<QuantisedFile> {
    const { room } = this.#parts;
    const name = `${quantisedName(order.source.name, order.format)}.gguf`;
    const onWait = (): void => progress.stage(`waiting for another process that makes ${name}`);
    return room.alone(name, progress.signal, onWait, async () => {
      const there = await this.#there(name, order, progress.signal);
      return there ?? (await this.#made(name, order, progress));
    });
  }

  async #there(
    name: string,
    order: QuantisedFileOrder,
    signal: AbortSignal,
  ): Promise<QuantisedFile | undefined> {
    const { cache } = this.#parts;
    const found = await cache.find({ name }, signal);
    if (found === undefined) return undefined;
    if (found.source === originOf(order)) return { ...found, path: `${cache.folder}/${name}` };
    if (found.source.startsWith(originPrefix)) return undefined;
    const message = `The model cache holds a file ${name} that was not made by quantising; move it away first.`;
    throw new ParleyError('conflict', message, { param: 'model' });
  }

  async #made(name: string, order: QuantisedFileOrder, progress: MoveProgress): Promise<QuantisedFile> {
    const { cache, room, writer, bound } = this.#parts;
    const { source, format, requantize } = order;
    progress.stage('looking at the weights');
    const plan = await writer.plan({ source: source.path, format }, progress.signal);
    requireRightSource(order, plan.formats);
    await room.discardPart(name);
    await bound.makeRoom(quantisedName(source.name, format), plan.bytes);
    requireRoom({ name, bytes: plan.bytes, folder: cache.folder }, await room.freeBytes([name]));
    progress.stage(`writing ${name}`);
    progress.note(`${source.name} as ${format}: about ${byteText(plan.bytes)}.`);
    try {
      const content = await writer.write({ source: source.path, format, name, requantize }, progress);
      const kept = { ...content, name, source: originOf(order) };
      await cache.keep(kept);
      return { ...kept, path: `${cache.folder}/${name}` };
    } catch (error) {
      await room.discardPart(name);
      throw error;
    }
  }
}

/** Tells whether a file that is there is what is wanted. */
function originOf({ source, format }: QuantisedFileOrder): string {
  return `${originPrefix}${format}:${source.sha256}`;
}

function requireRightSource(
  { source, format, requantize }: QuantisedFileOrder,
  formats: readonly string[],
): void {
  const quantised = formats.filter((found) => !exactFormats.has(found));
  if (requantize || quantised.length === 0) return;
  const message =
    `The weights of "${source.name}" are quantised already (${quantised.join(', ')}). Writing them as ${format} loses ` +
    'more than quantising the original weights would. Quantise a model of f16, bf16 or f32, or say --requantize ' +
    '(requantize: true) to do it all the same; the quality gate tells what it costs.';
  throw new ParleyError('unsupported', message, { param: 'requantize' });
}
