/** The models that engines are measured on: a small real one, and one of more than 500 M random parameters. */
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { llamaGguf, writeGguf } from '@parley/testing';

const models = process.env.PARLEY_MODEL_CACHE ?? join(homedir(), '.cache/parley/models');

const large = {
  name: 'random-530m',
  layers: 26,
  width: 1280,
  heads: 20,
  keyHeads: 4,
  feedForward: 3456,
  vocabulary: 32_000,
  contextTokens: 4096,
  type: 'f16',
};

/** What is measured on each: the number of streams, and tokens to make at each of them. */
export const measured = {
  small: { streams: [1, 8, 16, 32], outputTokens: 48, promptTokens: 256, end: { 0: -100, 2: -100 } },
  large: { streams: [1, 8], outputTokens: 12, promptTokens: 64, end: { 2: -100 } },
};

/** The file of a model; the large one is written once, into a cache outside the repository. */
export async function modelFile(size) {
  if (size === 'small') return join(models, 'SmolLM2-135M-Instruct.Q4_1.gguf');
  const folder = join(process.env.PARLEY_CACHE ?? join(homedir(), '.cache/parley'), 'bench');
  const path = join(folder, `${large.name}.gguf`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  await writeGguf(`${path}.part`, llamaGguf(large, 1));
  renameSync(`${path}.part`, path);
  return path;
}

/** A configuration folder whose one model is that file. */
export function configOf(folder, path, { slots, contextTokens }) {
  mkdirSync(join(folder, 'models'), { recursive: true });
  const document = `apiVersion: parley/v1
kind: Model
metadata: { name: measured, version: 1.0.0 }
spec:
  path: ${path}
  aliases: [default]
  context: { tokens: ${contextTokens}, slots: ${slots} }
`;
  writeFileSync(join(folder, 'models/measured.yaml'), document);
  return folder;
}
