import { readFile } from 'node:fs/promises';
import { ParleyError } from '@parley/kernel';
import type { Engine, LoadedModel, ModelSpec } from '../../services/model/src/ports/engine.ts';
import type { LoadOptions } from '../../services/model/src/ports/load-progress.ts';
import { BigramModel } from './bigram-model.ts';
import { BigramTable, tokensOf } from './bigram-table.ts';

const mostBytes = 16 * 1024 * 1024;

/** Continues a text as another text would: its "weights" are which word of a text file came after which. */
export class BigramEngine implements Engine {
  readonly name = 'bigram';
  readonly version = '1';
  readonly embeds = false;

  async load(spec: ModelSpec, { signal, onProgress }: LoadOptions): Promise<LoadedModel> {
    onProgress?.({ stage: 'reading the file', share: 0 });
    const text = await readText(spec, signal);
    if (tokensOf(text).length < 2) throw unusable(spec, 'has fewer than two words');
    onProgress?.({ stage: 'loading weights', share: 0 });
    return new BigramModel(spec, new BigramTable(text));
  }

  /** It holds nothing beside its models. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

async function readText(spec: ModelSpec, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const bytes = await readFile(spec.path, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw unusable(spec, 'cannot be read', error);
  });
  if (bytes.length > mostBytes) throw unusable(spec, `has ${bytes.length} bytes, above ${mostBytes}`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw unusable(spec, 'is not UTF-8 text', error);
  }
}

function unusable({ name, path }: ModelSpec, why: string, cause?: unknown): ParleyError {
  return new ParleyError('config_invalid', `The text of model "${name}", ${path}, ${why}.`, { cause });
}
