import { ParleyError } from '@parley/kernel';
import type { MoveProgress } from '../../ports/move-progress.ts';
import type { WeightsWriter } from '../../ports/quantise/weights-writer.ts';
import { byteText } from '../pull/byte-text.ts';
import { MadeFiles } from '../pull/made-files.ts';
import type { MadeFile, MadeFileOrder, MadeFilesParts, Origin } from '../pull/made-files.ts';
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

/** What making files needs. */
export interface QuantisedFilesParts extends MadeFilesParts {
  readonly writer: WeightsWriter;
}

/** What matrices are written in by those who trained the model. */
const exactFormats: ReadonlySet<string> = new Set(['f32', 'f16', 'bf16']);

/**
 * Makes files with fewer bits out of models' weights and keeps them in the model cache. It knows no registry and judges
 * no quality: `QuantisedModels` does, and loads that want another precision than their file has may use it alone.
 */
export class QuantisedFiles {
  readonly #parts: QuantisedFilesParts;
  readonly #files: MadeFiles;

  constructor(parts: QuantisedFilesParts) {
    this.#parts = parts;
    this.#files = new MadeFiles(parts);
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
  make(order: QuantisedFileOrder, progress: MoveProgress): Promise<MadeFile> {
    const { writer } = this.#parts;
    const { source, format, requantize } = order;
    const model = quantisedName(source.name, format);
    const name = `${model}.gguf`;
    const write: MadeFileOrder['write'] = async (claim) => {
      progress.stage('looking at the weights');
      const plan = await writer.plan({ source: source.path, format }, progress.signal);
      requireRightSource(order, plan.formats);
      await claim(plan.bytes);
      progress.stage(`writing ${name}`);
      progress.note(`${source.name} as ${format}: about ${byteText(plan.bytes)}.`);
      return await writer.write({ source: source.path, format, name, requantize }, progress);
    };
    return this.#files.make(
      { file: name, model, origin: originOf(order), conflict: () => conflict(name), write },
      progress,
    );
  }
}

function conflict(name: string): ParleyError {
  const message = `The model cache holds a file ${name} that was not made by quantising; move it away first.`;
  return new ParleyError('conflict', message, { param: 'model' });
}

/** Tells whether a file that is there is what is wanted. */
function originOf({ source, format }: QuantisedFileOrder): Origin {
  return `quantized:${format}:${source.sha256}`;
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
