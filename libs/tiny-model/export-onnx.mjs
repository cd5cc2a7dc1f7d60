// Exports a Llama-type GGUF file (parley-tiny, unless another is named) to a folder for the onnx engine. The folder's name
// is a digest of the file and of these sources: what is there is not made again.
//   node libs/tiny-model/export-onnx.mjs [FILE.gguf] [--out FOLDER]
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const here = import.meta.dirname;
const { values, positionals } = parseArgs({ options: { out: { type: 'string' } }, allowPositionals: true });
const file = path.resolve(positionals[0] ?? path.join(here, 'model/parley-tiny.gguf'));

/** Where it goes unless somebody says otherwise. */
function cacheFolder() {
  const digest = createHash('sha256').update(readFileSync(file));
  const sources = path.join(here, 'onnx');
  for (const source of readdirSync(sources).sort()) digest.update(readFileSync(path.join(sources, source)));
  const cache = process.env.PARLEY_CACHE ?? path.join(os.homedir(), '.cache/parley');
  const name = path.basename(file, '.gguf');
  return path.join(cache, 'onnx', `${name}-${digest.digest('hex').slice(0, 12)}`);
}

async function exportTo(folder) {
  // Only now: most calls find the folder there.
  const { readLlama } = await import('./onnx/read-gguf.mjs');
  const { llamaGraph } = await import('./onnx/llama-graph.mjs');
  const { hubFiles } = await import('./onnx/tokenizer-files.mjs');
  const model = await readLlama(file);
  const bytes = llamaGraph(model).encode(model.general.name, {
    license: model.general.license ?? '',
    source: path.basename(file),
  });
  mkdirSync(path.dirname(folder), { recursive: true });
  const part = mkdtempSync(`${folder}.part-`);
  try {
    mkdirSync(path.join(part, 'onnx'));
    writeFileSync(path.join(part, 'onnx/model.onnx'), bytes);
    for (const [name, text] of Object.entries(hubFiles(model))) writeFileSync(path.join(part, name), text);
    moveWhole(part, folder);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

/** A folder that is there is whole; another process may have been quicker. */
function moveWhole(part, folder) {
  try {
    renameSync(part, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

const folder = values.out === undefined ? cacheFolder() : path.resolve(values.out);
if (!existsSync(folder)) await exportTo(folder);
console.log(folder);
