import { ParleyError } from '@parley/kernel';
import type { Converter } from '../../ports/convert/converter.ts';
import type { ShardFolder } from '../../ports/convert/shard-folder.ts';
import type { MoveProgress } from '../../ports/move-progress.ts';
import { byteText } from '../pull/byte-text.ts';
import { MadeFiles } from '../pull/made-files.ts';
import type { MadeFile, MadeFileOrder, MadeFilesParts, Origin } from '../pull/made-files.ts';

/** Which folder, as which model. */
export interface ConvertedFileOrder {
  /** What the model is called; its file is `NAME.gguf`. */
  readonly name: string;
  readonly folder: ShardFolder;
  /** Of the folder. */
  readonly sha256: string;
  readonly preTokenizer: string;
}

/** What making files needs. */
export interface ConvertedFilesParts extends MadeFilesParts {
  readonly converter: Converter;
}

/** Makes GGUF files of folders with safetensors and keeps them in the model cache, each once. */
export class ConvertedFiles {
  readonly #parts: ConvertedFilesParts;
  readonly #files: MadeFiles;

  constructor(parts: ConvertedFilesParts) {
    this.#parts = parts;
    this.#files = new MadeFiles(parts);
  }

  /** What makes the files, for the record. */
  get tool(): string {
    return this.#parts.converter.tool;
  }

  /**
   * The file of this folder: the one that is there, else a new one. Other processes that want the same wait.
   * @throws ParleyError `conflict` when the file of that name is something else; `unsupported` that names what is missing
   * here; CacheFault with the numbers when the disk has too little room; `engine_failed`; the signal's reason.
   */
  make(order: ConvertedFileOrder, progress: MoveProgress): Promise<MadeFile> {
    const { converter } = this.#parts;
    const { folder, preTokenizer, name: model } = order;
    const name = `${model}.gguf`;
    const write: MadeFileOrder['write'] = async (claim) => {
      await claim(folder.resultBytes);
      await converter.prepare(progress);
      progress.stage(`converting ${folder.name}`);
      progress.note(
        `${folder.architecture} of ${folder.shards.length} file(s): about ${byteText(folder.resultBytes)}.`,
      );
      return await converter.convert({ folder, name, preTokenizer }, progress);
    };
    return this.#files.make(
      { file: name, model, origin: originOf(order), conflict: () => conflict(name), write },
      progress,
    );
  }

  /** A file that turned out to be of no use. */
  async discard({ name }: MadeFile): Promise<void> {
    await this.#parts.cache.remove(name);
  }
}

function conflict(name: string): ParleyError {
  const message = `The model cache holds a file ${name} that was not converted from this folder; say another name (--name).`;
  return new ParleyError('conflict', message, { param: 'name' });
}

/** Tells whether a file that is there is what is wanted. */
function originOf({ sha256, preTokenizer }: ConvertedFileOrder): Origin {
  return `converted-from:${preTokenizer === '' ? '' : `${preTokenizer}:`}${sha256}`;
}
