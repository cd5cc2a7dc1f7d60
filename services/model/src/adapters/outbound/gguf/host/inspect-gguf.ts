import { stat } from 'node:fs/promises';
import { readGgufFileInfo } from 'node-llama-cpp';
import { ParleyError } from '@parley/kernel';
import type { ModelInspection } from '../../../../ports/engine.ts';

/** Reads what a GGUF file says about itself. @throws ParleyError `invalid_request` when it is none. */
export async function inspectGguf(path: string): Promise<ModelInspection> {
  try {
    const { size } = await stat(path);
    const { metadata, architectureMetadata } = await readGgufFileInfo(path, {
      sourceType: 'filesystem',
      readTensorInfo: false,
      logWarnings: false,
    });
    return {
      architecture: metadata.general.architecture,
      name: metadata.general.name ?? '',
      license: metadata.general.license ?? '',
      trainedContextTokens: architectureMetadata.context_length ?? 0,
      fileBytes: size,
      hasTemplate: metadata.tokenizer?.chat_template !== undefined,
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ParleyError('invalid_request', `The file cannot be read as GGUF: ${reason}`, { cause: error });
  }
}
