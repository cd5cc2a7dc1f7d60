import { ParleyError } from '@parley/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeMoveProgress } from '../../ports/fake-move-progress.ts';
import { FakeModelCache } from '../../ports/pull/fake-model-cache.ts';
import { FakeWeightsWriter } from '../../ports/quantise/fake-weights-writer.ts';
import { QuantisedFiles } from './quantised-files.ts';
import type { QuantisedFileOrder } from './quantised-files.ts';

const name = 'llama-q4_0.gguf';
let cache: FakeModelCache;
let writer: FakeWeightsWriter;
let wanted: [string, number][];
let files: QuantisedFiles;
beforeEach(() => {
  cache = new FakeModelCache();
  writer = new FakeWeightsWriter();
  wanted = [];
  const makeRoom = (model: string, bytes: number): Promise<void> => {
    wanted.push([model, bytes]);
    return Promise.resolve();
  };
  files = new QuantisedFiles({ cache, room: cache, writer, bound: { makeRoom } });
});

function make(change: Partial<QuantisedFileOrder> = {}, progress = new FakeMoveProgress()) {
  const source = { name: 'llama', path: '/models/llama.gguf', sha256: 'a'.repeat(64) };
  return files.make({ source, format: 'q4_0', requantize: false, ...change }, progress);
}

describe('a quantised file', () => {
  it('is made once for each source, and lies in the cache under the names of source and format', async () => {
    const made = await make();
    expect(made).toMatchObject({ name, path: `/cache/${name}`, bytes: 1000 });
    expect(await make()).toEqual(made);
    expect(writer.written).toEqual([name]);
    const other = { name: 'llama', path: '/models/llama.gguf', sha256: 'b'.repeat(64) };
    await make({ source: other });
    expect(writer.written).toEqual([name, name]);
    expect(wanted).toEqual([
      ['llama-q4_0', 1000],
      ['llama-q4_0', 1000],
    ]);
  });

  it('is not made of weights that are quantised already, unless that is what is wanted', async () => {
    writer.planned = { bytes: 1000, formats: ['q4_1', 'f16'] };
    await expect(make()).rejects.toMatchObject({
      code: 'unsupported',
      param: 'requantize',
      message: expect.stringContaining('quantised already (q4_1)'),
    });
    await make({ requantize: true });
    expect(writer.written).toEqual([name]);
  });

  it('is not begun where it has no room', async () => {
    cache.free = 67_000_000;
    await expect(make()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('llama-q4_0.gguf needs 1.0 kB'),
    });
    expect(writer.written).toEqual([]);
  });

  it('never takes the place of a file that is something else', async () => {
    cache.files.set(name, { name, bytes: 5, sha256: 'c'.repeat(64), source: 'hf:org/repo/file@main' });
    await expect(make()).rejects.toMatchObject({ code: 'conflict' });
    expect(cache.files.get(name)?.bytes).toBe(5);
  });

  it('leaves nothing behind when it was not finished', async () => {
    writer.fault = new ParleyError('engine_failed', 'The file is cut off.');
    await expect(make()).rejects.toThrow('The file is cut off.');
    expect(cache.files.size).toBe(0);
    expect(cache.discarded).toEqual([name, name]);
  });
});
