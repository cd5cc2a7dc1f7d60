import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { array, assert, asyncProperty, integer, nat, record } from 'fast-check';
import { temporaryFolder } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { readGgufHeader } from './gguf-header.ts';
import { inspectFiles } from './inspect-files.ts';
import { splitGguf } from './split-gguf.ts';

const bundled = join(import.meta.dirname, '../../../../../../../libs/tiny-model/model/parley-tiny.gguf');

describe('the header of a GGUF file', () => {
  it('says what the model is and what it takes', () => {
    expect(inspectFiles([bundled])).toMatchObject({
      architecture: 'llama',
      name: 'parley-tiny',
      license: 'mit',
      quantization: 'F16',
      hasTemplate: true,
      contextGrain: 256,
      parts: 1,
      windowKvBytesPerToken: 0,
    });
    const { tensors, dataFrom, fileBytes } = readGgufHeader(bundled);
    const last = tensors.reduce((furthest, { offset, bytes }) => Math.max(furthest, offset + bytes), 0);
    expect(dataFrom + last).toBe(fileBytes);
  });

  it('that is damaged in any way is refused in time and in words, or read', async () => {
    await using folder = await temporaryFolder();
    const sound = await readFile(bundled);
    const path = join(folder.path, 'damaged.gguf');
    const places = array(
      record({ at: integer({ min: 0, max: readGgufHeader(bundled).dataFrom - 1 }), byte: nat(255) }),
      { minLength: 1, maxLength: 8 },
    );
    await assert(
      asyncProperty(places, async (changes) => {
        const bytes = Buffer.from(sound);
        for (const { at, byte } of changes) bytes[at] = byte;
        await writeFile(path, bytes);
        try {
          inspectFiles([path]);
        } catch (error) {
          expect(error).toMatchObject({
            code: 'config_invalid',
            message: expect.stringContaining('damaged.gguf'),
          });
        }
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  it.each([
    ['nothing', 0, /does not begin with the magic/],
    ['only its beginning', 100, /ends after 100 bytes/],
    ['no weights', 60_000, /ends after|incomplete/],
  ])('of a file that holds %s is refused', async (_, length, message) => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'cut.gguf');
    await writeFile(path, (await readFile(bundled)).subarray(0, length));
    expect(() => inspectFiles([path])).toThrow(message);
  });
});

describe('a split', () => {
  it('keeps every tensor, shared out evenly, and its metadata in the first part', async () => {
    await using folder = await temporaryFolder();
    const list = join(folder.path, 'parley-tiny.gguf.sha256');
    await writeFile(list, `${'0'.repeat(64)}  parley-tiny.gguf\n`);
    const parts = splitGguf(bundled, { parts: 3, folder: folder.path });
    const headers = parts.map(({ path }) => readGgufHeader(path));
    const whole = readGgufHeader(bundled);
    expect(
      headers.flatMap(({ tensors }) => tensors.map(({ name, shape, type }) => ({ name, shape, type }))),
    ).toEqual(whole.tensors.map(({ name, shape, type }) => ({ name, shape, type })));
    expect(headers.map(({ values }) => [values.get('split.no'), values.get('split.count')])).toEqual([
      [0, 3],
      [1, 3],
      [2, 3],
    ]);
    const { parts: count, fileBytes, ...said } = inspectFiles(parts.map(({ path }) => path));
    expect(count).toBe(3);
    expect(fileBytes).toBe(parts.reduce((sum, { bytes }) => sum + bytes, 0));
    expect(said).toEqual({ ...inspectFiles([bundled]), parts: undefined, fileBytes: undefined });
    const sizes = parts.map(({ bytes }) => bytes);
    expect(Math.max(...sizes) / Math.min(...sizes)).toBeLessThan(1.5);
    const sums = await readFile(list, 'utf8');
    expect(sums.trim().split('\n').slice(1)).toEqual(
      parts.map(({ sha256, path }) => `${sha256}  ${path.split('/').at(-1) ?? ''}`),
    );
  });

  it('is refused where parts are there, of a part, and into more parts than it has tensors', async () => {
    await using folder = await temporaryFolder();
    const [part] = splitGguf(bundled, { parts: 2, folder: folder.path });
    expect(() => splitGguf(bundled, { parts: 2, folder: folder.path })).toThrow(
      /00001-of-00002.gguf is there already/,
    );
    expect(() => splitGguf(part?.path ?? '', { parts: 2, folder: folder.path })).toThrow(
      /is a part of a split file/,
    );
    await mkdir(join(folder.path, 'out'));
    expect(() => splitGguf(bundled, { parts: 5000, folder: join(folder.path, 'out') })).toThrow(
      /too few for 5000/,
    );
  });
});
