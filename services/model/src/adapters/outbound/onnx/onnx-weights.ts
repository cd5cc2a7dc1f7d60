import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ParleyError } from '@parley/kernel';
import type { WantedWeights, WeightFiles, WeightPrecision } from '../../../ports/model-files.ts';

/** What files are called on the hub by how exactly their weights are written; the first that is there counts. */
const namesOf: Readonly<Record<WeightPrecision, readonly string[]>> = {
  fp32: ['model.onnx'],
  fp16: ['model_fp16.onnx'],
  bf16: ['model_bf16.onnx'],
  int8: ['model_quantized.onnx', 'model_int8.onnx', 'model_uint8.onnx'],
  int4: ['model_q4.onnx', 'model_q4f16.onnx', 'model_bnb4.onnx'],
};

/** Weights too large for one file lie in a second one beside it. */
const dataEndings = ['_data', '.data'];

/** The folder with configuration and tokenizer of an ONNX file: its own, or the one above a folder called `onnx`. */
export function folderOf(file: string): string {
  const folder = dirname(file);
  return basename(folder) === 'onnx' ? dirname(folder) : folder;
}

/**
 * The files of an ONNX model: the path itself if it is a file, else the one `onnx/model*.onnx` of the folder; of
 * several, the one of the precision asked for.
 * @throws ParleyError `config_invalid` that says what is missing or double, and where.
 */
export async function findOnnxWeights(wanted: WantedWeights): Promise<WeightFiles> {
  const path = await mainFile(wanted);
  const parts = [path];
  for (const ending of dataEndings) if (await isFile(path + ending)) parts.push(path + ending);
  const { shards, places } = wanted;
  if (shards !== undefined && shards !== parts.length)
    throw fault(wanted, places?.shards, `shards is ${shards}, but ${basename(path)} has ${parts.length}`);
  return { path, parts, sums: new Map() };
}

async function mainFile(wanted: WantedWeights): Promise<string> {
  const { path, precision } = wanted;
  if (await isFile(path)) return path;
  const found = [...(await modelsIn(join(path, 'onnx'))), ...(await modelsIn(path))];
  const names = found.map((file) => basename(file)).join(', ');
  if (found.length === 0)
    throw fault(wanted, wanted.places?.path, `there is no onnx/model*.onnx in "${basename(path)}"`);
  if (precision === undefined) {
    const [only, ...others] = found;
    if (only !== undefined && others.length === 0) return only;
    const message = `there are several models in "${basename(path)}": ${names}; say which by precision, or name the file as path`;
    throw fault(wanted, wanted.places?.path, message);
  }
  for (const name of namesOf[precision]) {
    const file = found.find((other) => basename(other) === name);
    if (file !== undefined) return file;
  }
  const message = `no file of precision ${precision} (${namesOf[precision].join(', ')}); there are: ${names}`;
  throw fault(wanted, wanted.places?.precision, message);
}

async function modelsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => /^model.*\.onnx$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}

function fault({ model }: WantedWeights, place: string | undefined, what: string): ParleyError {
  const where = place === undefined ? '' : `${place}: `;
  return new ParleyError('config_invalid', `${where}Model "${model}": ${what}.`);
}
