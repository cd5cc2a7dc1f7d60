import type { MoveProgress } from '../move-progress.ts';
import type { FileContent } from '../pull/model-cache.ts';
import type { ShardFolder } from './shard-folder.ts';

/** Which folder is to be made a GGUF file, and how. */
export interface ConvertingOrder {
  readonly folder: ShardFolder;
  /** The file of the cache that is made. */
  readonly name: string;
  /** How texts are cut before they become tokens, by llama.cpp's word for it; '' = as the converter finds out. */
  readonly preTokenizer: string;
}

/** Makes GGUF files of folders, in a process of its own that yields to everything else. */
export interface Converter {
  /** What does it, for the record: `convert_hf_to_gguf.py of llama.cpp v0.5.0`. */
  readonly tool: string;
  /**
   * Puts in place what the work needs and is not there yet; other processes that want the same wait.
   * @throws ParleyError `unsupported` that names what this machine lacks; `engine_failed`; the signal's reason.
   */
  prepare(progress: MoveProgress): Promise<void>;
  /**
   * Writes the part of the cache's file `name`, durably.
   * @throws ParleyError `unsupported` when the converter does not know the model; `engine_failed`; CacheFault when the
   * disk is full; the signal's reason.
   */
  convert(order: ConvertingOrder, progress: MoveProgress): Promise<FileContent>;
}
