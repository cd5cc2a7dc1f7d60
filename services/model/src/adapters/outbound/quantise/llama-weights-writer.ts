import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ParleyError } from '@parley/kernel';
import { CacheFault } from '../../../ports/pull/model-cache.ts';
import type { FileContent } from '../../../ports/pull/model-cache.ts';
import type {
  WeightsWriter,
  WritingOrder,
  WritingPlan,
  WritingProgress,
} from '../../../ports/quantise/weights-writer.ts';
import { llamaCppVersion } from '../gguf/llama-cpp-version.ts';
import { cacheFiles } from '../pull/cache-files.ts';
import type { WriteOrder, WriteOutcome } from './child-protocol.ts';
import { llamaRelease } from './llama-release.ts';
import { runChild } from './run-child.ts';

const mebibyte = 1024 * 1024;
/** The header of a file, beside its tensors, where the source does not tell how large it is. */
const assumedHeaderBytes = 16 * mebibyte;

/** Writes weights by llama.cpp's own code, in a child process. */
export class LlamaWeightsWriter implements WeightsWriter {
  readonly tool = `llama.cpp ${llamaRelease} (node-llama-cpp ${llamaCppVersion})`;
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;

  /** @param folder the model cache */
  constructor(folder: string, environment: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#environment = environment;
  }

  async plan(order: WritingOrder, signal: AbortSignal): Promise<WritingPlan> {
    const whole = { ...order, target: '', requantize: true, planOnly: true };
    const { bytes, sourceBytes, formats } = await this.#run(whole, { signal, share: ignore });
    const ownBytes = (await stat(order.source)).size - sourceBytes;
    // Of a split file only one part was measured.
    const headerBytes = ownBytes >= 0 ? ownBytes + mebibyte : assumedHeaderBytes;
    return { bytes: bytes + headerBytes, formats };
  }

  async write(
    { name, ...order }: WritingOrder & { readonly name: string; readonly requantize: boolean },
    progress: WritingProgress,
  ): Promise<FileContent> {
    const target = cacheFiles.part(join(this.#folder, name));
    await mkdir(dirname(target), { recursive: true });
    await this.#run({ ...order, target, planOnly: false }, progress);
    const hash = createHash('sha256');
    await pipeline(createReadStream(target), hash, { signal: progress.signal });
    return { sha256: hash.digest('hex'), bytes: (await stat(target)).size };
  }

  async #run(order: WriteOrder, progress: WritingProgress): Promise<WriteOutcome> {
    const what = `that writes ${basename(order.source)} as ${order.format}`;
    const onShare = (share: number): void => progress.share(share);
    const run = { what, environment: this.#environment, signal: progress.signal, onShare };
    const outcome = (await runChild('write-weights', order, run)) as WriteOutcome;
    const { fault } = outcome;
    if (fault === undefined) return outcome;
    if (/iostream error|no space left|failed to write/i.test(fault)) throw unwritable(this.#folder, fault);
    const message = `${basename(order.source)} could not be written as ${order.format}: ${fault}.`;
    throw new ParleyError('engine_failed', message, { retryable: false });
  }
}

function unwritable(folder: string, reason: string): CacheFault {
  return new CacheFault(
    `The model cache ${folder} cannot be written; is its disk full? llama.cpp says: ${reason}.`,
  );
}

function ignore(): void {}
