import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const tinyFile = join(import.meta.dirname, '../../../../libs/tiny-model/model/parley-tiny.gguf');

/** A sound GGUF file as bytes: the bundled model. */
function soundGguf(): Promise<Buffer> {
  return readFile(tinyFile);
}

/** The place right behind a key of the metadata: the value's type, then the value. */
function behindKey(bytes: Buffer, key: string): number {
  const at = bytes.indexOf(key);
  if (at === -1) throw new Error(`The bundled model has no ${key}.`);
  return at + key.length;
}

/** Files that cannot be loaded, each in its own way. */
export const brokenGguf = {
  /** Passes every reader, and then an assertion of native code ends the process. */
  async abortsTheProcess(path: string): Promise<void> {
    const bytes = await soundGguf();
    bytes.writeUInt32LE(1000, behindKey(bytes, 'llama.block_count') + 4);
    await writeFile(path, bytes);
  },
  async isCutOff(path: string): Promise<void> {
    const bytes = await soundGguf();
    await writeFile(path, bytes.subarray(0, Math.floor(bytes.length / 2)));
  },
  /** Numbers that are none in the middle of the weights. */
  async isDamaged(path: string): Promise<void> {
    const bytes = await soundGguf();
    bytes.fill(0xff, bytes.length - 500_000, bytes.length - 100_000);
    await writeFile(path, bytes);
  },
  async hasNoTemplate(path: string): Promise<void> {
    const bytes = await soundGguf();
    bytes.write('tokenizer.chat_nothing1', bytes.indexOf('tokenizer.chat_template'), 'latin1');
    await writeFile(path, bytes);
  },
  async isSomethingElse(path: string): Promise<void> {
    await writeFile(path, '{"model_type":"llama","architectures":["LlamaForCausalLM"]}'.repeat(1000));
  },
} as const satisfies Record<string, (path: string) => Promise<void>>;
