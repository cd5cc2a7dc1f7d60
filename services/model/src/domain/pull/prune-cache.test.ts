import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeModelCache } from '../../ports/pull/fake-model-cache.ts';
import { FakeModelShelf } from '../../ports/pull/fake-model-shelf.ts';
import { PruneCache } from './prune-cache.ts';

const hourMs = 3_600_000;

interface Kept {
  readonly name: string;
  readonly bytes?: number;
  readonly usedAtMs?: number;
  readonly source?: string;
  readonly needed?: string;
}

function setting(maxBytes: number, ...kept: Kept[]) {
  const [cache, shelf] = [new FakeModelCache(), new FakeModelShelf()];
  cache.nowMs = 100 * hourMs;
  for (const { name, bytes = 10, usedAtMs = 0, source = 'hf:org/repo/x.gguf@main', needed = '' } of kept) {
    cache.files.set(name, { name, bytes, sha256: 'a'.repeat(64), source });
    cache.usedAtMs.set(name, usedAtMs);
    if (needed !== '') shelf.needed.set(`/cache/${name}`, needed);
  }
  const clock = { now: () => cache.nowMs };
  const bound = new PruneCache({ entries: [], cache, room: cache, shelf, clock, maxBytes });
  return { cache, shelf, bound };
}

const names = (models: readonly { readonly name: string }[]): string[] => models.map(({ name }) => name);

describe('a bounded cache', () => {
  it('lets the least recently used model go first, all its parts together, and no more than must', async () => {
    const { bound, cache, shelf } = setting(
      35,
      { name: 'new.gguf', usedAtMs: 9 * hourMs },
      { name: 'old-00001-of-00002.gguf', usedAtMs: hourMs },
      { name: 'old-00002-of-00002.gguf', usedAtMs: hourMs },
      { name: 'middle.gguf', usedAtMs: 5 * hourMs },
    );
    const report = await bound.prune();
    expect(report).toMatchObject({ removed: [{ name: 'old', bytes: 20 }], maxBytes: 35 });
    expect([...cache.files.keys()]).toEqual(['new.gguf', 'middle.gguf']);
    expect(shelf.forgotten).toEqual(['old']);
  });

  it('only tells when it is asked to, and needs a bound to remove anything', async () => {
    const { bound, cache } = setting(0, { name: 'a.gguf' }, { name: 'b.gguf', usedAtMs: 1 });
    expect((await bound.prune()).removed).toEqual([]);
    const report = await bound.prune({ maxBytes: 10, dryRun: true });
    expect([names(report.removed), names(report.kept)]).toEqual([['a'], ['b']]);
    expect(cache.files.size).toBe(2);
  });

  it('keeps what is loaded, aliased, fetched, in use a moment ago, or put there by hand, and says why', async () => {
    const { bound, cache } = setting(
      1,
      { name: 'loaded.gguf', needed: 'it is loaded' },
      { name: 'aliased.gguf', needed: 'alias default points to it' },
      { name: 'fetched.gguf' },
      { name: 'lately.gguf', usedAtMs: 100 * hourMs - 60_000 },
      { name: 'own.gguf', source: '' },
      { name: 'coming-00001-of-00003.gguf' },
      { name: 'free.gguf' },
    );
    cache.fetched.add('fetched.gguf').add('coming-00003-of-00003.gguf');
    const { removed, kept } = await bound.prune();
    expect(names(removed)).toEqual(['free']);
    expect(Object.fromEntries(kept.map(({ name, needed }) => [name, needed]))).toEqual({
      loaded: 'it is loaded',
      aliased: 'alias default points to it',
      fetched: '',
      coming: '',
      lately: 'it was in use a moment ago',
      own: 'somebody put it there by hand',
    });
  });

  it('makes room for what is to come, or says with numbers why it cannot', async () => {
    const { bound, cache } = setting(30, { name: 'a.gguf', needed: 'it is loaded' }, { name: 'b.gguf' });
    await bound.makeRoom('c', 20);
    expect([...cache.files.keys()]).toEqual(['a.gguf']);
    await expect(bound.makeRoom('d', 21)).rejects.toThrow(
      /may hold 30 B .*d needs 21 B, and 10 B are needed by others: a, it is loaded/,
    );
  });

  it('whatever lies there: what is needed stays, and afterwards the bound holds or all that is left is needed', async () => {
    const model = record({
      bytes: integer({ min: 1, max: 100 }),
      usedAtMs: integer({ min: 0, max: 50 * hourMs }),
      needed: constantFrom('', '', 'it is loaded'),
    });
    await assert(
      asyncProperty(
        array(model, { maxLength: 12 }),
        integer({ min: 1, max: 500 }),
        async (models, maxBytes) => {
          const named = models.map((it, at) => ({ ...it, name: `m${at}.gguf` }));
          const { bound, cache } = setting(maxBytes, ...named);
          const { removed, kept } = await bound.prune();
          const left = named.filter(({ name }) => cache.files.has(name));
          expect(left).toHaveLength(kept.length);
          for (const { name, needed } of named) if (needed !== '') expect(cache.files.has(name)).toBe(true);
          const bytes = left.reduce((sum, it) => sum + it.bytes, 0);
          expect(bytes <= maxBytes || kept.every(({ needed }) => needed !== '')).toBe(true);
          const oldestLeft = Math.min(
            ...left.filter(({ needed }) => needed === '').map(({ usedAtMs }) => usedAtMs),
          );
          for (const { usedAtMs } of removed) expect(usedAtMs).toBeLessThanOrEqual(oldestLeft);
        },
      ),
    );
  });
});
