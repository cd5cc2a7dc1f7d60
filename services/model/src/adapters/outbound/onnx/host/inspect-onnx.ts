import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { ParleyError } from '@parley/kernel';
import type { ModelInspection } from '../../../../ports/model-files.ts';
import { readHubFolder } from './hub-folder.ts';
import type { HubConfig } from './hub-folder.ts';

const bytesPerNumber = 4;
/** Room for a token's activations, in values of the model's width: those of one layer, for the runtime reuses them. */
const activationsPerWidth = 32;

/** What the files beside an ONNX model say about it. @throws ParleyError `config_invalid` when they are none. */
export async function inspectOnnx(path: string): Promise<ModelInspection> {
  const { config, contextTokens, template } = await readHubFolder(path);
  const answers =
    template !== undefined || (config.architectures ?? []).some((name) => name.endsWith('ForCausalLM'));
  const width = config.hidden_size ?? 0;
  const logits = answers ? (config.vocab_size ?? 0) : 0;
  return {
    architecture: config.model_type || (config.architectures?.[0] ?? ''),
    name: config.name ?? config._name_or_path ?? '',
    license: config.license ?? '',
    trainedContextTokens: contextTokens,
    fileBytes: await sizeOf(path),
    hasTemplate: template !== undefined,
    kvBytesPerToken: answers ? kvBytesPerToken(config) : 0,
    computeBytesPerToken: (logits + width * activationsPerWidth) * bytesPerNumber,
  };
}

/** Keys and values of one token in all layers; 0 when the configuration does not tell. */
function kvBytesPerToken(config: HubConfig): number {
  const { num_hidden_layers: layers, num_attention_heads: heads, hidden_size: width } = config;
  if (layers === undefined || heads === undefined || width === undefined) return 0;
  const kvHeads = config.num_key_value_heads ?? heads;
  return 2 * layers * kvHeads * (config.head_dim ?? width / heads) * bytesPerNumber;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    throw new ParleyError('config_invalid', `The weights file ${basename(path)} cannot be read.`, {
      cause: error,
    });
  }
}
