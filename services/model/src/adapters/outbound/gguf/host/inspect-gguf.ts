import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { readGgufFileInfo } from 'node-llama-cpp';
import { ParleyError } from '@parley/kernel';
import type { ModelInspection } from '../../../../ports/engine.ts';
import { computeBytesPerToken, kvBytesPerToken } from './gguf-memory.ts';

/** Reads what a GGUF file says about itself. @throws ParleyError `config_invalid` when it is none. */
export async function inspectGguf(path: string): Promise<ModelInspection> {
  try {
    const { size } = await stat(path);
    const { metadata, architectureMetadata } = await readGgufFileInfo(path, {
      sourceType: 'filesystem',
      readTensorInfo: false,
      logWarnings: false,
    });
    const { tokenizer, general } = metadata;
    return {
      architecture: general.architecture,
      name: general.name ?? '',
      license: general.license ?? '',
      trainedContextTokens: architectureMetadata.context_length ?? 0,
      fileBytes: size,
      hasTemplate: tokenizer?.chat_template !== undefined,
      kvBytesPerToken: kvBytesPerToken(architectureMetadata),
      computeBytesPerToken: computeBytesPerToken(architectureMetadata, tokenizer?.ggml.tokens.length ?? 0),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `The weights file ${basename(path)} cannot be read as GGUF: ${reason}`;
    throw new ParleyError('config_invalid', message, { cause: error });
  }
}
