import { execFile } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const exporter = join(import.meta.dirname, '../../../../../libs/tiny-model/export-safetensors.mjs');

/** The bundled model as its makers would publish it: two safetensors files, configuration, tokenizer. */
export async function tinyShards(folder: string): Promise<string> {
  await run(process.execPath, [exporter, '--out', folder, '--shards', '2']);
  return folder;
}

/** A copy of a folder whose JSON file `name` was changed. */
export async function changed(
  folder: string,
  copy: string,
  name: string,
  change: (content: Record<string, unknown>) => object,
): Promise<string> {
  await cp(folder, copy, { recursive: true });
  const path = join(copy, name);
  await writeFile(
    path,
    JSON.stringify(change(JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>)),
  );
  return copy;
}

/** A tokenizer of the older kind, which the converter takes from any model: pieces, and a token for each byte. */
export function pieceTokenizer(size: number): object {
  const bytes = Array.from(
    { length: 256 },
    (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
  );
  const words = Array.from({ length: size - 259 }, (_, at) => (at === 0 ? '▁' : `▁w${at}`));
  const tokens = ['<unk>', '<s>', '</s>', ...bytes, ...words];
  const special = tokens.slice(0, 3).map((content, id) => ({
    id,
    content,
    special: true,
    normalized: false,
    single_word: false,
    lstrip: false,
    rstrip: false,
  }));
  return {
    version: '1.0',
    added_tokens: special,
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: 'Sequence', decoders: [{ type: 'ByteFallback' }, { type: 'Fuse' }] },
    model: {
      type: 'BPE',
      unk_token: '<unk>',
      fuse_unk: true,
      byte_fallback: true,
      merges: [],
      vocab: Object.fromEntries(tokens.map((text, id) => [text, id])),
    },
  };
}
