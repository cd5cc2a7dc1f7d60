import { existsSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LlamaWeightsWriter } from '../../services/model/dist/adapters/outbound/quantise/llama-weights-writer.js';
import { engineEnvironment } from '../../services/model/dist/config.js';
import { llamaGguf } from '../../libs/testing/dist/gguf/llama-gguf.js';
import { writeGguf } from '../../libs/testing/dist/gguf/write-gguf.js';

/** The measures of Llama 2 7B, and of a model that is made and measured in seconds. */
const shapes = {
  '7b': {
    layers: 32,
    width: 4096,
    heads: 32,
    keyHeads: 32,
    feedForward: 11_008,
    vocabulary: 32_000,
    contextTokens: 4096,
    type: 'f16',
  },
  small: {
    layers: 4,
    width: 256,
    heads: 4,
    keyHeads: 4,
    feedForward: 768,
    vocabulary: 1024,
    contextTokens: 4096,
    type: 'f16',
  },
};

/** How the 4-bit file is written, as `parley models quantize` writes it. */
const fourBit = 'q4_k_m';
const seed = 7;

/** The two files, made where they are not there: `{ name, path, bytes }` of f16, then of 4 bits. */
export async function makeModels(folder, size, say) {
  const wide = join(folder, `random-${size}-f16.gguf`);
  if (!existsSync(wide)) {
    say(`Writing ${wide} …`);
    await writeGguf(`${wide}.part`, llamaGguf({ ...shapes[size], name: `random-${size}` }, seed));
    renameSync(`${wide}.part`, wide);
  }
  const name = `random-${size}-${fourBit}.gguf`;
  const narrow = join(folder, name);
  if (!existsSync(narrow)) {
    say(`Quantising to ${narrow} …`);
    const writer = new LlamaWeightsWriter(folder, engineEnvironment(1));
    const { signal } = new AbortController();
    const order = { source: wide, format: fourBit, name, requantize: false };
    await writer.write(order, { signal, share: () => undefined });
    renameSync(`${narrow}.part`, narrow);
  }
  const file = (label, path) => ({ name: label, path, bytes: statSync(path).size });
  return [file('f16', wide), file(fourBit, narrow)];
}
