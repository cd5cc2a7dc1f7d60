import { ParleyError } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { FakeModelCache } from '../../ports/pull/fake-model-cache.ts';
import { FakeAdoptedModels, FakeLocalModels } from '../../ports/pull/fake-local-models.ts';
import { FakeModelHub } from '../../ports/pull/fake-model-hub.ts';
import { FakeModelShelf } from '../../ports/pull/fake-model-shelf.ts';
import { FakeSourceFetcher } from '../../ports/pull/fake-source-fetcher.ts';
import type { PullProgress } from '../../ports/pull/pull-progress.ts';
import type { CatalogEntry, CatalogFile } from '../catalog/catalog-entry.ts';
import { parseSource } from '../sources/file-source.ts';
import { ModelPulls } from './model-pulls.ts';
import { PruneCache } from './prune-cache.ts';

const sha256 = (digit: string): string => digit.repeat(64);
const { signal } = new AbortController();

function file(name: string, digit: string, ...sources: string[]): CatalogFile {
  return { name, bytes: 1000, sha256: sha256(digit), sources: sources.map(parseSource) };
}

function entry(name: string, change: Partial<CatalogEntry> = {}): CatalogEntry {
  return {
    name,
    title: { en: `The ${name}` },
    description: {},
    terms: { license: 'Apache-2.0', url: 'https://example.org/terms', commercialUse: true },
    languages: ['en'],
    parameters: 1,
    contextTokens: 8192,
    serve: { tokens: 2048, slots: 8 },
    engine: 'gguf',
    profile: { sampling: { temperature: 0.2 }, stop: [], systemRole: true },
    files: [file(`${name}.gguf`, 'a', 'https://one.example/a', 'https://two.example/a')],
    ...change,
  };
}

function setting(...entries: CatalogEntry[]) {
  return settingWithin(0, ...entries);
}

/** @param maxBytes the bound of the cache */
function settingWithin(maxBytes: number, ...entries: CatalogEntry[]) {
  const [cache, fetcher, shelf] = [new FakeModelCache(), new FakeSourceFetcher(), new FakeModelShelf()];
  const refusals: string[] = [];
  const notes: string[] = [];
  const told: [done: number, total: number][] = [];
  const progress: PullProgress = {
    signal,
    stage: () => undefined,
    bytes: (done, total) => void told.push([done, total]),
    note: (line) => void notes.push(line),
  };
  const events = { notRegistered: (model: string) => void refusals.push(model) };
  const [hub, local, adopted] = [new FakeModelHub(), new FakeLocalModels(), new FakeAdoptedModels()];
  const clock = { now: () => cache.nowMs };
  const bound = new PruneCache({ entries, cache, room: cache, shelf, clock, maxBytes });
  const parts = { entries, cache, room: cache, fetcher, shelf, events, hub, local, adopted, bound, clock };
  const pulls = new ModelPulls(parts);
  return { ...parts, pulls, refusals, notes, told, progress };
}

describe('a pull', () => {
  it('tells the licence, takes the first source that has the file, and puts the model on the shelf', async () => {
    const { pulls, fetcher, shelf, cache, notes, progress } = setting(entry('small'));
    fetcher.contents.set('https://two.example/a', { sha256: sha256('a'), bytes: 1000 });
    await pulls.pull('small', progress);
    expect(notes).toEqual([
      'small: licence Apache-2.0, commercial use allowed, terms: https://example.org/terms',
      'https://one.example/a was skipped: it is not there.',
      'small is registered: parley models load small',
    ]);
    expect(shelf.proved).toEqual(['small']);
    expect(shelf.registered).toMatchObject([
      {
        name: 'small',
        path: '/cache/small.gguf',
        sha256: sha256('a'),
        contextTokens: 2048,
        slots: 8,
        aliases: [],
        load: { when: 'never' },
        profile: { sampling: { temperature: 0.2 } },
        terms: { license: 'Apache-2.0', commercialUse: true },
      },
    ]);
    expect(cache.files.get('small.gguf')).toMatchObject({ source: 'https://two.example/a' });
    expect(fetcher.tidied).toBe(1);
  });

  it('tells the bytes of all files of a model as one, and fetches only what is missing', async () => {
    const files = [file('m/one', 'a', 'https://x.example/1'), file('m/two', 'b', 'https://x.example/2')];
    const { pulls, cache, fetcher, told, progress } = setting(entry('two', { files }));
    cache.files.set('m/one', { name: 'm/one', bytes: 1000, sha256: sha256('a'), source: '' });
    fetcher.contents.set('https://x.example/2', { sha256: sha256('b'), bytes: 4000 });
    await pulls.pull('two', progress);
    expect(fetcher.asked).toEqual(['https://x.example/2']);
    expect(told).toEqual([
      [1000, 2000],
      [1500, 2000],
      [2000, 2000],
    ]);
  });

  it('begins only when the disk has room, and says how much it takes', async () => {
    const { pulls, cache, fetcher, progress } = setting(entry('small'));
    cache.free = 60_000_000;
    await expect(pulls.pull('small', progress)).rejects.toMatchObject({
      code: 'unavailable',
      retryable: false,
      message: expect.stringMatching(/\/cache has 60\.0 MB free; small needs 1\.0 kB/),
    });
    expect(fetcher.asked).toEqual([]);
  });

  it('of a model whose engine is missing brings the files and says so', async () => {
    const { pulls, fetcher, shelf, notes, progress } = setting(entry('vectors', { engine: 'onnx' }));
    fetcher.contents.set('https://one.example/a', { sha256: sha256('a'), bytes: 1000 });
    await pulls.pull('vectors', progress);
    expect(shelf.proved).toEqual([]);
    expect(shelf.registered).toMatchObject([{ name: 'vectors', engine: 'onnx' }]);
    expect(notes.at(-2)).toContain('the engine "onnx" that runs it is not installed');
    expect(await pulls.list(signal)).toMatchObject([{ installed: true, engineAvailable: false }]);
  });

  it('of a file that no engine can open fails; a file of the catalogue stays, another is removed', async () => {
    const { pulls, cache, fetcher, shelf, progress } = setting(entry('small'));
    shelf.fault = new ParleyError('engine_failed', 'It ends the process that opens it.', {
      retryable: false,
    });
    for (const source of ['https://one.example/a', 'https://x.example/Other.gguf'])
      fetcher.contents.set(source, { sha256: sha256('a'), bytes: 1000 });
    for (const named of ['small', 'https://x.example/Other.gguf'])
      await expect(pulls.pull(named, progress)).rejects.toMatchObject({ code: 'engine_failed' });
    expect([...cache.files.keys()]).toEqual(['small.gguf']);
    expect(shelf.registered).toEqual([]);
  });

  it('by a source alone takes name, context and licence from the file', async () => {
    const { pulls, fetcher, shelf, notes, progress } = setting();
    fetcher.contents.set('hf:org/repo/My Model.Q4.gguf'.replace(' ', '_'), { sha256: sha256('c'), bytes: 7 });
    shelf.facts = { license: 'mit', trainedContextTokens: 1024 };
    await pulls.pull('hf:org/repo/My_Model.Q4.gguf', progress);
    expect(shelf.registered).toMatchObject([
      {
        name: 'my_model.q4',
        path: '/cache/my_model.q4.gguf',
        contextTokens: 1024,
        sha256: sha256('c'),
        terms: { license: 'mit' },
      },
    ]);
    expect(notes.slice(0, 2)).toEqual([
      expect.stringContaining('digest and terms are not known beforehand'),
      expect.stringContaining('no licence is known'),
    ]);
  });

  it('of what is neither in the catalogue nor a source is refused, with what there is', () => {
    const { pulls } = setting(entry('small'), entry('large'));
    expect(() => pulls.subject('smal')).toThrow(
      expect.objectContaining({ code: 'model_not_found', message: expect.stringContaining('small, large') }),
    );
    expect(() => pulls.subject('ftp://x')).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    expect(() => pulls.subject('hf:org/repo/model.safetensors')).toThrow(
      expect.objectContaining({ code: 'unsupported' }),
    );
  });
});

describe('models that were pulled earlier', () => {
  const kept = { name: 'small.gguf', bytes: 1000, sha256: sha256('a'), source: 'https://one.example/a' };

  it('are on the shelf after a start without being read; those of other digests are not', async () => {
    const { pulls, cache, shelf } = setting(entry('small'), entry('large'));
    cache.files.set('small.gguf', kept);
    cache.files.set('large.gguf', { ...kept, name: 'large.gguf', sha256: sha256('f') });
    await pulls.restore();
    await pulls.restore();
    expect(shelf.registered.map(({ name }) => name)).toEqual(['small']);
    expect(shelf.proved).toEqual([]);
  });

  it('are found when another process pulled them, or somebody put them into the cache', async () => {
    const { pulls, cache, shelf } = setting(entry('small'), entry('large'));
    await pulls.refresh(signal);
    expect(shelf.registered).toEqual([]);
    cache.files.set('small.gguf', kept);
    cache.unverified.set('large.gguf', { ...kept, name: 'large.gguf', source: '' });
    await pulls.refresh(signal);
    expect(shelf.registered.map(({ name }) => name)).toEqual(['small', 'large']);
  });

  it('are found by their source when no catalogue names them, and opened first', async () => {
    const { pulls, cache, shelf } = setting();
    shelf.facts = { license: 'mit', trainedContextTokens: 512 };
    const own = { ...kept, name: 'mine.gguf', source: 'hf:org/repo/Mine.gguf' };
    cache.files.set('mine.gguf', own);
    cache.files.set('stray.gguf', { ...kept, name: 'stray.gguf', source: '' });
    await pulls.refresh(signal);
    expect(shelf.proved).toEqual(['mine']);
    expect(shelf.registered).toMatchObject([{ name: 'mine', contextTokens: 512 }]);
  });

  it('leaves files alone that were made here: those know better what they are', async () => {
    const { pulls, cache, shelf } = setting();
    for (const source of [`quantized:q4_0:${sha256('a')}`, `converted-from:${sha256('b')}`]) {
      const name = `${source.slice(0, 4)}.gguf`;
      cache.files.set(name, { name, bytes: 5, sha256: sha256('c'), source });
    }
    shelf.fault = new ParleyError('engine_failed', 'It is broken.');
    await pulls.refresh(signal);
    expect(cache.files.size).toBe(2);
    expect(shelf.registered).toEqual([]);
  });

  it('whose name is another model’s are told of once', async () => {
    const { pulls, cache, shelf, refusals } = setting(entry('small'));
    cache.files.set('small.gguf', kept);
    shelf.taken.add('small');
    for (let look = 0; look < 3; look++) await pulls.refresh(signal);
    expect(refusals).toEqual(['small']);
  });
});

describe('the catalogue', () => {
  it('says what is installed and what can run, in its order', async () => {
    const { pulls, cache } = setting(entry('b'), entry('a', { engine: 'onnx' }));
    cache.unverified.set('b.gguf', { name: 'b.gguf', bytes: 1000, sha256: sha256('a'), source: '' });
    const listed = await pulls.list(signal);
    expect(listed.map(({ entry: { name }, ...rest }) => ({ name, ...rest }))).toEqual([
      { name: 'b', installed: true, engineAvailable: true },
      { name: 'a', installed: false, engineAvailable: false },
    ]);
  });
});
