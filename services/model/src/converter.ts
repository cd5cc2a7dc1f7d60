import { LlamaConverter } from './adapters/outbound/convert/llama-converter.ts';
import { pipEnvironment } from './config.ts';
import type { ModelServiceConfig } from './config.ts';

/** What makes GGUF files of folders with safetensors, as the configuration says. */
export function llamaConverter({ models, convert, pulls }: ModelServiceConfig): LlamaConverter {
  return new LlamaConverter({
    cacheFolder: models.cacheDir,
    toolFolder: convert.toolDir,
    python: pulls.python,
    wholePython: convert.wholePython,
    environment: pipEnvironment(),
  });
}
