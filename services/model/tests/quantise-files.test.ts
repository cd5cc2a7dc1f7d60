import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { LlamaWeightsWriter } from '../src/adapters/outbound/quantise/llama-weights-writer.ts';
import { bundledModelFile } from './support/bundled-model.ts';

const progress = { signal: new AbortController().signal, share: () => undefined };
const order = { format: 'q8_0', name: 'x.gguf', requantize: false } as const;

describe('writing weights in fewer bits', () => {
  it('says what it would come to, and comes to no more', { timeout: 60_000 }, async () => {
    await using folder = await temporaryFolder();
    const writer = new LlamaWeightsWriter(folder.path, process.env);
    const source = bundledModelFile;
    const plan = await writer.plan({ source, format: 'q8_0' }, progress.signal);
    expect(plan.formats).toEqual(['f16']);
    const { bytes, sha256 } = await writer.write({ ...order, source }, progress);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(bytes).toBeLessThanOrEqual(plan.bytes);
    expect(bytes).toBeGreaterThan(plan.bytes / 2);
  });

  it.skipIf(process.platform !== 'linux')(
    'says that the disk is full when it gets full on the way',
    { timeout: 60_000 },
    async () => {
      await using folder = await temporaryFolder();
      await symlink('/dev/full', join(folder.path, 'x.gguf.part'));
      const writer = new LlamaWeightsWriter(folder.path, process.env);
      await expect(writer.write({ ...order, source: bundledModelFile }, progress)).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('cannot be written; is its disk full?'),
      });
    },
  );

  it('says what is wrong with a source, without its folder', { timeout: 60_000 }, async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, 'private'));
    const source = join(folder.path, 'private/broken.gguf');
    await writeFile(source, 'GGUF is not what this is.');
    const writer = new LlamaWeightsWriter(folder.path, process.env);
    const failure = await writer.plan({ source, format: 'q8_0' }, progress.signal).then(
      () => '',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    expect(failure).toMatch(/^broken\.gguf could not be written as q8_0: failed to load model/);
    expect(failure).not.toContain('private');
  });
});
