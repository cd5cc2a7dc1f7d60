import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OnnxEngine } from '../../src/adapters/outbound/onnx/onnx-engine.ts';
import { engineEnvironment } from '../../src/config.ts';
import type { ModelSpec } from '../../src/ports/engine.ts';
import { bundledSpec } from './bundled-model.ts';
import { modelCacheDir } from './real-model.ts';

const mandatory = process.env['CI'] === 'true';
const exporter = join(import.meta.dirname, '../../../../libs/tiny-model/export-onnx.mjs');

/** The real all-MiniLM-L6-v2, 8 bits. */
export const miniLmFolder = join(modelCacheDir, 'all-minilm-l6-v2');
const miniLmFile = join(miniLmFolder, 'onnx/model_quantized.onnx');

/** @param logs takes what the engine says */
export function onnxEngine(logs: string[] = []): OnnxEngine {
  return new OnnxEngine({
    threads: 1,
    environment: engineEnvironment(1),
    onLog: (_level, message) => logs.push(message),
  });
}

/** Why tests on the onnx engine cannot run here; undefined when they can. In CI they must run. */
export const noOnnx =
  mandatory || onnxEngine().installed ? undefined : 'the onnx engine is not installed: npm run engine:onnx';

/** The same for tests on all-MiniLM-L6-v2. */
export const noMiniLm =
  mandatory || existsSync(miniLmFile)
    ? noOnnx
    : 'all-MiniLM-L6-v2 is not in the model cache: npm run provision fetches it';

/** The folder of the bundled model as ONNX; made by the project's script unless that was done before. */
export function bundledOnnxFolder(): string {
  return execFileSync(process.execPath, [exporter], { encoding: 'utf8' }).trim();
}

/** How the bundled model is opened as ONNX, unless a test says otherwise. */
export function bundledOnnxSpec(change: Partial<ModelSpec> = {}): ModelSpec {
  return bundledSpec({ path: join(bundledOnnxFolder(), 'onnx/model.onnx'), ...change });
}

/** How all-MiniLM-L6-v2 is opened, unless a test says otherwise. */
export function miniLmSpec(change: Partial<ModelSpec> = {}): ModelSpec {
  return bundledSpec({ name: 'minilm', path: miniLmFile, contextTokens: 512, ...change });
}
