import { ParleyError } from '@parley/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeConverter } from '../../ports/convert/fake-converter.ts';
import { FakeMoveProgress } from '../../ports/fake-move-progress.ts';
import { FakeModelCache } from '../../ports/pull/fake-model-cache.ts';
import { ConvertedFiles } from './converted-files.ts';

const folder = {
  path: '/models/mine',
  name: 'mine',
  architecture: 'LlamaForCausalLM',
  shards: ['a.safetensors'],
  files: ['a.safetensors', 'config.json'],
  resultBytes: 1000,
};
const order = { name: 'mine', folder, sha256: 'a'.repeat(64), preTokenizer: '' };

describe('files converted from a folder', () => {
  let cache: FakeModelCache;
  let converter: FakeConverter;
  let files: ConvertedFiles;
  beforeEach(() => {
    cache = new FakeModelCache();
    converter = new FakeConverter();
    const bound = { makeRoom: () => Promise.resolve() };
    files = new ConvertedFiles({ cache, room: cache, converter, bound });
  });

  it('are made once for the same content, and anew for another', async () => {
    const progress = new FakeMoveProgress();
    const made = await files.make(order, progress);
    expect(made).toMatchObject({ name: 'mine.gguf', path: `${cache.folder}/mine.gguf` });
    expect(await files.make(order, progress)).toMatchObject({ sha256: made.sha256 });
    expect(converter.converted).toEqual(['mine.gguf']);
    await files.make({ ...order, sha256: 'b'.repeat(64) }, progress);
    await files.make({ ...order, sha256: 'b'.repeat(64), preTokenizer: 'qwen2' }, progress);
    expect(converter.converted).toHaveLength(3);
  });

  it('never take the place of a file that came otherwise', async () => {
    await cache.keep({ name: 'mine.gguf', sha256: 'd'.repeat(64), bytes: 5, source: 'hf:org/mine' });
    await expect(files.make(order, new FakeMoveProgress())).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('--name'),
    });
  });

  it('are not begun where the disk has too little room', async () => {
    cache.free = 1000;
    await expect(files.make(order, new FakeMoveProgress())).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/has .* free; mine\.gguf needs/),
    });
    expect(converter.converted).toEqual([]);
  });

  it('are not kept when converting failed', async () => {
    converter.fault = new ParleyError('engine_failed', 'It broke.');
    await expect(files.make(order, new FakeMoveProgress())).rejects.toThrow('It broke.');
    expect(await cache.list()).toEqual([]);
    expect(cache.discarded).toContain('mine.gguf');
  });
});
