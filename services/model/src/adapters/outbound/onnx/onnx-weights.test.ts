import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onnxInstallation, onnxRuntimeVersion } from './onnx-installation.ts';
import { OnnxEngine } from './onnx-engine.ts';
import { findOnnxWeights, folderOf } from './onnx-weights.ts';

const onnxFolder = join(import.meta.dirname, '../../../../../../engines/onnx');

describe('the weights of an ONNX model', () => {
  let folder: string;
  const at = (...parts: string[]): string => join(folder, ...parts);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-onnx-weights-'));
    const files = [
      'one/onnx/model_quantized.onnx',
      'two/onnx/model.onnx',
      'two/onnx/model.onnx_data',
      'two/onnx/model_int8.onnx',
      'two/onnx/other.onnx',
      'flat/model.onnx',
      'none/config.json',
    ];
    for (const file of files) {
      await mkdir(at(file, '..'), { recursive: true });
      await writeFile(at(file), '');
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const find = (path: string, change: object = {}) =>
    findOnnxWeights({ model: 'm', path: at(path), ...change });

  it('are the file named, or the only one of the folder', async () => {
    const { path, parts } = await find('one');
    expect(path).toBe(at('one/onnx/model_quantized.onnx'));
    expect(parts).toEqual([path]);
    expect((await find('flat')).path).toBe(at('flat/model.onnx'));
    expect((await find('two/onnx/other.onnx')).path).toBe(at('two/onnx/other.onnx'));
    expect(folderOf(path)).toBe(at('one'));
    expect(folderOf(at('flat/model.onnx'))).toBe(at('flat'));
  });

  it('are chosen by their precision, with the file of data beside them', async () => {
    expect((await find('two', { precision: 'int8' })).path).toBe(at('two/onnx/model_int8.onnx'));
    const files = [at('two/onnx/model.onnx'), at('two/onnx/model.onnx_data')];
    expect((await find('two', { precision: 'fp32' })).parts).toEqual(files);
  });

  it('are asked for where there are none, several, or none of that precision, and the document says where', async () => {
    const places = { path: 'models/m.yaml:6: spec.path', precision: 'models/m.yaml:7: spec.precision' };
    await expect(find('none', { places })).rejects.toMatchObject({
      code: 'config_invalid',
      message: 'models/m.yaml:6: spec.path: Model "m": there is no onnx/model*.onnx in "none".',
    });
    await expect(find('two')).rejects.toThrow(
      /several models in "two": model.onnx, model_int8.onnx; say which/,
    );
    await expect(find('two', { precision: 'int4', places })).rejects.toThrow(
      /^models\/m.yaml:7: spec.precision: Model "m": no file of precision int4 .*there are: model.onnx, model_int8.onnx/,
    );
    await expect(find('nowhere')).rejects.toThrow(/there is no onnx\/model\*\.onnx in "nowhere"/);
  });

  it('are not opened where the packages of the engine are missing, and the error says what to run', async () => {
    await mkdir(at('engines/onnx'), { recursive: true });
    await writeFile(at('engines/onnx/package.json'), '{}');
    const missing = {
      code: 'unsupported',
      retryable: false,
      message: expect.stringContaining('npm run engine:onnx'),
    };
    expect(() => onnxInstallation(at('one'))).toThrow(expect.objectContaining(missing));
    expect(() => onnxInstallation(tmpdir())).toThrow(expect.objectContaining(missing));
    const options = { threads: 1, environment: {}, onLog: () => undefined };
    await using engine = new OnnxEngine(options, () => onnxInstallation(at('one')));
    expect(engine.installed).toBe(false);
    const spec = {
      name: 'm',
      path: at('one/onnx/model_quantized.onnx'),
      settings: {},
      proven: false,
      contextTokens: 64,
      slots: 1,
      maxQueued: 0,
      promptTokensPerStep: 64,
      systemRole: true,
    };
    const { signal } = new AbortController();
    await expect(engine.prove(spec, signal)).rejects.toMatchObject(missing);
    await expect(engine.load(spec, { signal })).rejects.toMatchObject(missing);
    // No process was started for it.
    expect(engine.hostPid).toBeUndefined();
  });

  it('have the runtime that the engine was written for', async () => {
    const manifest = await readFile(join(onnxFolder, 'package.json'), 'utf8');
    const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> };
    expect(dependencies['onnxruntime-node']).toBe(onnxRuntimeVersion);
  });

  it('have their packages found from the folder of the service', async () => {
    for (const name of ['onnxruntime-node', '@huggingface/tokenizers']) {
      await mkdir(at('engines/onnx/node_modules', name), { recursive: true });
      await writeFile(at('engines/onnx/node_modules', name, 'package.json'), '{}');
    }
    await mkdir(at('service/dist'), { recursive: true });
    expect(onnxInstallation(at('service/dist'))).toBe(at('engines/onnx'));
  });
});
