import { mkdtemp, open, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { CacheScope } from '../../../../ports/cache-scope.ts';
import { TokenPrefix } from '../host/prefix/token-prefix.ts';
import { KeptFolder, keptLifetimeMs } from './kept-folder.ts';
import { KeptKeys } from './kept-keys.ts';
import { KeptStore } from './kept-store.ts';
import type { KeptStoreOptions } from './kept-store.ts';
import { PlainFile } from './plain-file.ts';

const folders: string[] = [];
const secret = 'the secret of the fleet, long enough';
const keys = KeptKeys.fromSecrets([secret]);
const secretWords = 'what nobody may read on the disk';
const ada: CacheScope = { own: 'acme\0ada', shared: '', sharedTokens: 0 };

let folder: KeptFolder;
let now = Date.now();

beforeEach(async () => {
  const path = await mkdtemp(join(tmpdir(), 'parley-kept-'));
  folders.push(path);
  folder = new KeptFolder(path);
  now = Date.now();
});
afterAll(() => Promise.all(folders.map((path) => rm(path, { recursive: true }))));

function store(change: Partial<KeptStoreOptions> = {}): KeptStore {
  return new KeptStore({ folder, keys, maxBytes: 1_000_000, engine: 'engine 1', now: () => now, ...change });
}

function held(token: number, length = 200, scope = ada): TokenPrefix {
  return TokenPrefix.of(scope, new Uint32Array(length).fill(token));
}

async function put(to: KeptStore, what: TokenPrefix, state: string | Buffer = secretWords): Promise<boolean> {
  await using plain = await PlainFile.open(folder.path, state.length);
  await writeFile(plain.path, state);
  return await to.put(what, plain);
}

/** The states of all that is kept. */
async function states(of: KeptStore): Promise<string[]> {
  const found: string[] = [];
  for (const kept of await of.sequences()) {
    await using plain = await PlainFile.open(folder.path, 100);
    if (await of.open(kept, plain)) found.push(await readFile(plain.path, 'utf8'));
  }
  return found.toSorted((a, b) => a.localeCompare(b));
}

async function files(): Promise<string[]> {
  const names = await readdir(folder.path, { recursive: true });
  return names.filter((name) => name.includes('.')).map((name) => join(folder.path, name));
}

async function onlyFile(): Promise<string> {
  const [path, ...others] = await files();
  if (path === undefined || others.length > 0) throw new Error('there is not exactly one file');
  return path;
}

describe('the store of kept sequences', () => {
  it('gives back what was put into it, also to who opens it later', async () => {
    const large = Buffer.alloc(3_000_001, 'state').toString();
    const first = store({ maxBytes: 10_000_000 });
    await put(first, held(7), large);
    expect(await states(first)).toEqual([large]);
    const later = store();
    expect(await states(later)).toEqual([large]);
    const [kept] = await later.sequences();
    expect(kept?.held.tokens).toEqual(held(7).tokens);
    expect(kept?.held.scope).toEqual(ada);
    expect(await later.has(held(7, 190))).toBe(true);
    expect(await later.has(held(7, 210))).toBe(false);
  });

  it("writes files that say nothing, are their owner's alone, and are whole or not there", async () => {
    await put(store(), held(7));
    const path = await onlyFile();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(path, '..'))).mode & 0o777).toBe(0o700);
    const content = await readFile(path, 'latin1');
    for (const word of [secretWords, 'acme', 'ada']) expect(content + path).not.toContain(word);
  });

  it('sees what another process has written, and misses what it has removed', async () => {
    const [one, two] = [store(), store()];
    expect(await states(one)).toEqual([]);
    await put(two, held(1), 'from two');
    expect(await states(one)).toEqual(['from two']);
    await two.forget(ada.own);
    expect(await states(one)).toEqual([]);
  });

  it.each([
    ['another secret', { keys: KeptKeys.fromSecrets(['another secret that is long enough too']) }],
    ['another name in it', { engine: 'engine 2' }],
  ])('ignores and removes a file of %s', async (_what, change) => {
    await put(store(change), held(7));
    const path = await onlyFile();
    const foreign = await readFile(path);
    await rm(path);
    await put(store(), held(8));
    const copied = join(await onlyFile(), '..', 'copied.kept');
    await writeFile(copied, foreign);
    const reader = store();
    expect(await states(reader)).toEqual([secretWords]);
    expect(await files()).not.toContain(copied);
  });

  it('opens files from before a rotation of the secret, and forgets them', async () => {
    await put(store(), held(7));
    const rotated = KeptKeys.fromSecrets(['the new secret, which is long as well', secret]);
    expect(await states(store({ keys: rotated }))).toEqual([secretWords]);
    await store({ keys: KeptKeys.fromWire(rotated.toWire()) }).forget(ada.own);
    expect(await files()).toEqual([]);
  });

  it('ignores and removes a file that was changed anywhere, or cut off anywhere', async () => {
    await put(store(), held(7));
    const path = await onlyFile();
    const whole = await readFile(path);
    for (let at = 0; at < whole.length; at += 29) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 1;
      for (const broken of [changed, whole.subarray(0, at)]) {
        await writeFile(path, broken);
        expect(await states(store())).toEqual([]);
        expect(await files()).toEqual([]);
      }
    }
    await writeFile(path, whole);
    expect(await states(store())).toEqual([secretWords]);
  });

  it('does not take the state of one file for that of another', async () => {
    await put(store(), held(7), 'state of 7');
    const seven = await onlyFile();
    await put(store(), held(8), 'state of 8');
    const eight = (await files()).find((path) => path !== seven) ?? '';
    const [a, b] = [await readFile(seven), await readFile(eight)];
    const bodyBytes = 12 + 'state of 7'.length + 16;
    await writeFile(seven, Buffer.concat([a.subarray(0, -bodyBytes), b.subarray(-bodyBytes)]));
    expect(await states(store())).toEqual(['state of 8']);
  });

  it('keeps of a conversation its longest form only, and for each owner', async () => {
    const kept = store();
    await put(kept, held(7, 100), 'short');
    await put(kept, held(7, 200), 'long');
    expect(await states(kept)).toEqual(['long']);
    await put(kept, held(7, 200, { ...ada, own: 'acme\0eve' }), 'of eve');
    expect(await states(kept)).toEqual(['long', 'of eve']);
    await kept.forget('acme\0eve');
    expect(await states(kept)).toEqual(['long']);
  });

  it('stays within its bound: what was used longest ago leaves', async () => {
    const kept = store({ maxBytes: 3500 });
    const state = Buffer.alloc(200).toString();
    for (const token of [1, 2, 3]) {
      await put(kept, held(token), state);
      for (const path of await files()) {
        const { atimeMs, mtimeMs } = await stat(path);
        await utimes(path, (atimeMs - 10_000) / 1000, mtimeMs / 1000);
      }
    }
    const first = (await kept.sequences()).find((each) => each.held.tokens[0] === 1);
    if (first === undefined) throw new Error('it is there');
    await using plain = await PlainFile.open(folder.path, 100);
    await kept.open(first, plain);
    await put(kept, held(4), state);
    const tokens = (await kept.sequences()).map((each) => each.held.tokens[0] ?? 0);
    expect(tokens.toSorted((a, b) => a - b)).toEqual([1, 3, 4]);
    expect(await put(kept, held(5), Buffer.alloc(4000).toString())).toBe(false);
  });

  it('gives nothing back after a day, and then has it no more', async () => {
    const kept = store();
    await put(kept, held(7));
    await folder.expire(now + keptLifetimeMs - 60_000);
    expect(await files()).toHaveLength(1);
    now += keptLifetimeMs + 1000;
    expect(await kept.sequences()).toEqual([]);
    await folder.expire(now);
    expect(await files()).toEqual([]);
  });

  it('leaves nothing in the clear behind', async () => {
    const plain = await PlainFile.open(folder.path, 10);
    await writeFile(plain.path, secretWords);
    if (process.platform === 'linux') expect(await files()).toEqual([]);
    await plain[Symbol.asyncDispose]();
    expect(await files()).toEqual([]);
    await expect(open(plain.path, 'r')).rejects.toThrow();
  });
});
