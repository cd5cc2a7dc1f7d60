import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveDocuments, checkDocuments, documentLimits, faultText, readDocuments } from '@parley/config';
import type { CompileDocuments, DocumentsReport, LiveDocumentsOptions } from '@parley/config';

const schema = z.strictObject({
  kind: z.literal('Note'),
  metadata: z.strictObject({ name: z.string(), version: z.string() }),
  fails: z.boolean().optional(),
});
const kinds = [{ kind: 'Note', folder: 'notes', schema }];

const compile: CompileDocuments<readonly string[]> = async (documents) => {
  const refused = documents.filter(({ value }) => (value as z.infer<typeof schema>).fails === true);
  return {
    value: documents.map(({ name, version }) => `${name}@${version}`),
    faults: refused.flatMap(({ parsed }) => parsed.error(['fails'], 'its own test fails').faults),
    refused,
  };
};

/** No look comes from the poll unless a test wants it. */
const never = 3_600_000;

let dir: string;
let live: LiveDocuments<readonly string[]>;
let changes: DocumentsReport[];
let faults: DocumentsReport[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-live-'));
  changes = [];
  faults = [];
});
afterEach(async () => {
  await live[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
});

function aNote(name: string, version = '1', rest = ''): string {
  return `kind: Note\nmetadata: { name: ${name}, version: "${version}" }\n${rest}`;
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(dir, file)), { recursive: true });
  writeFileSync(join(dir, file), text);
}

async function start(options: Partial<LiveDocumentsOptions<readonly string[]>> = {}): Promise<void> {
  live = new LiveDocuments({
    configDir: dir,
    kinds,
    compile,
    pollMs: never,
    events: { changed: (report) => changes.push(report), faults: (report) => faults.push(report) },
    ...options,
  });
  await live.start();
}

function becomes(...documents: string[]): Promise<void> {
  return vi.waitFor(() => expect(live.current).toEqual(documents), { timeout: 10_000, interval: 20 });
}

describe('the first load', () => {
  it('is revision 1 and says what is loaded and what is not', async () => {
    write('notes/a.yaml', aNote('a'));
    write('notes/b.yaml', 'kind: Note\n');
    write('notes/.c.yaml', 'an editor keeps this');
    write('notes/readme.md', 'not a document');
    await start();
    expect(live.current).toEqual(['a@1']);
    expect(live.report).toMatchObject({ revision: 1, documents: [{ name: 'a', file: 'notes/a.yaml' }] });
    expect(live.report.loadedAtMs).toBeGreaterThan(Date.now() - 60_000);
    expect(live.report.faults.map(faultText)).toEqual([expect.stringContaining('notes/b.yaml:1: metadata:')]);
    expect([changes.length, faults.length]).toEqual([1, 1]);
  });

  it('of folders that are not there is empty and well', async () => {
    await start();
    expect(live.report).toMatchObject({ revision: 1, documents: [], faults: [] });
    write('notes/a.yaml', aNote('a'));
    await becomes('a@1');
  });

  it('without the configuration folder says so, and heals', async () => {
    rmSync(dir, { recursive: true });
    await start();
    expect(live.report.faults).toMatchObject([{ file: '.', message: expect.stringContaining('ENOENT') }]);
    write('notes/a.yaml', aNote('a'));
    await live.check();
    expect([live.current, live.report.faults]).toEqual([['a@1'], []]);
  });

  it('fails when compiling throws', async () => {
    await expect(start({ compile: () => Promise.reject(new Error('no tokenizer')) })).rejects.toThrow(
      'no tokenizer',
    );
    expect(() => live.current).toThrow('not been loaded');
  });
});

describe('a change of the files', () => {
  beforeEach(async () => {
    write('notes/a.yaml', aNote('a'));
    await start();
  });

  it('takes effect by the watch alone: written, renamed over, added, removed', async () => {
    write('notes/a.yaml', aNote('a', '2'));
    await becomes('a@2');
    write('notes/a.yaml.part', aNote('a', '3'));
    renameSync(join(dir, 'notes/a.yaml.part'), join(dir, 'notes/a.yaml'));
    await becomes('a@3');
    write('notes/b.yaml', aNote('b'));
    await becomes('a@3', 'b@1');
    unlinkSync(join(dir, 'notes/a.yaml'));
    await becomes('b@1');
    expect(live.report.revision).toBe(5);
    expect(changes.map(({ revision }) => revision)).toEqual([1, 2, 3, 4, 5]);
    expect(faults).toEqual([]);
  });

  it('that is broken keeps the last good documents and the revision, and heals', async () => {
    write('notes/a.yaml', 'kind: [');
    await vi.waitFor(() => expect(live.report.faults).toHaveLength(1));
    expect([live.current, live.report.revision]).toEqual([['a@1'], 1]);
    truncateSync(join(dir, 'notes/a.yaml'));
    await live.check();
    expect(live.report.faults).toMatchObject([
      { file: 'notes/a.yaml', message: expect.stringContaining('no document') },
    ]);
    write('notes/a.yaml', aNote('a'));
    await live.check();
    expect(live.report).toMatchObject({ revision: 1, faults: [] });
    expect(faults.map((report) => report.faults.length)).toEqual([1, 1, 0]);
    expect(changes).toHaveLength(1);
  });

  it('whose own tests fail is refused', async () => {
    write('notes/a.yaml', aNote('a', '2', 'fails: true\n'));
    await live.check();
    expect(live.current).toEqual(['a@1']);
    expect(live.report.faults.map(faultText)).toEqual(['notes/a.yaml:3: fails: its own test fails']);
  });

  it('is not told twice', async () => {
    write('notes/b.yaml', 'kind: [');
    await live.check();
    const report = live.report;
    await live.check();
    write('notes/c.md', 'not a document');
    await live.check();
    expect(live.report).toBe(report);
    expect(faults).toHaveLength(1);
  });

  it('keeps everything when the whole folder has gone', async () => {
    renameSync(dir, `${dir}-away`);
    await live.check();
    expect(live.current).toEqual(['a@1']);
    expect(live.report.faults).toHaveLength(1);
    renameSync(`${dir}-away`, dir);
    await live.check();
    expect(live.report).toMatchObject({ revision: 1, faults: [] });
    write('notes/a.yaml', aNote('a', '2'));
    await becomes('a@2');
  });
});

describe('the poll', () => {
  it('sees what no watch tells: the target of a link, written in another folder', async () => {
    write('elsewhere/a.yaml', aNote('a'));
    mkdirSync(join(dir, 'notes'));
    symlinkSync('../elsewhere/a.yaml', join(dir, 'notes/a.yaml'));
    await start({ pollMs: 20 });
    write('elsewhere/a.yaml', aNote('a', '2'));
    await becomes('a@2');
  });

  it('tries again when compiling failed for another reason than the documents', async () => {
    write('notes/a.yaml', aNote('a'));
    let isAway = false;
    await start({
      pollMs: 20,
      compile: (documents) => (isAway ? Promise.reject(new Error('no tokenizer')) : compile(documents)),
    });
    isAway = true;
    write('notes/a.yaml', aNote('a', '2'));
    await vi.waitFor(() =>
      expect(live.report.faults).toMatchObject([
        { message: 'the documents could not be compiled: no tokenizer' },
      ]),
    );
    expect(live.current).toEqual(['a@1']);
    isAway = false;
    await becomes('a@2');
    expect(live.report.faults).toEqual([]);
  });
});

/** What the kubelet does with a mounted ConfigMap: a new folder, then `..data` renamed to point at it, then the old one removed. */
class ConfigMap {
  readonly #mount: string;
  readonly #folder: string;
  #version = 0;

  constructor(mount: string, folder: string) {
    this.#mount = mount;
    this.#folder = folder;
    mkdirSync(mount, { recursive: true });
  }

  publish(files: Record<string, string>): void {
    const old = `..2026_11_24_${this.#version++}`;
    const fresh = `..2026_11_24_${this.#version}`;
    for (const [name, text] of Object.entries(files)) {
      const file = join(this.#mount, fresh, this.#folder, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    symlinkSync(fresh, join(this.#mount, '..data_tmp'));
    renameSync(join(this.#mount, '..data_tmp'), join(this.#mount, '..data'));
    const visible = this.#folder === '' ? Object.keys(files) : [this.#folder];
    for (const name of visible) {
      rmSync(join(this.#mount, name), { force: true });
      symlinkSync(join('..data', name), join(this.#mount, name));
    }
    rmSync(join(this.#mount, old), { recursive: true, force: true });
  }
}

describe('a mounted ConfigMap', () => {
  it.each([
    ['of one kind, mounted as its folder', 'notes', ''],
    ['of all kinds, mounted as the configuration folder', '', 'notes'],
  ])('%s takes effect again and again when its links are moved', async (_, mount, folder) => {
    const map = new ConfigMap(join(dir, mount), folder);
    map.publish({ 'a.yaml': aNote('a'), 'b.yaml': aNote('b') });
    await start();
    expect(live.current).toEqual(['a@1', 'b@1']);
    for (const version of ['2', '3', '4']) {
      map.publish({ 'a.yaml': aNote('a', version), 'b.yaml': aNote('b', version) });
      await becomes(`a@${version}`, `b@${version}`);
    }
    map.publish({ 'a.yaml': 'kind: [', 'b.yaml': aNote('b', '5') });
    await becomes('a@4', 'b@5');
    expect(live.report.faults).toMatchObject([{ file: 'notes/a.yaml', line: 1 }]);
  });
});

describe('the limits', () => {
  it('hold for the size of a file and the number of files', async () => {
    write('notes/a.yaml', `${aNote('a')}# ${'x'.repeat(documentLimits.fileBytes)}\n`);
    for (let index = 0; index < documentLimits.files; index++) {
      write(`notes/n${String(index).padStart(4, '0')}.yaml`, aNote(`n${index}`));
    }
    await start();
    expect(live.current).toHaveLength(documentLimits.files - 1);
    expect(live.report.faults.map(faultText)).toEqual([
      'notes/a.yaml:1: is larger than 1 MiB; part it into several files',
      'notes/n0999.yaml:1: is not read: there are more than 1000 files of documents',
    ]);
  });

  it('hold for the number of faults', async () => {
    for (let index = 0; index < documentLimits.faults + 5; index++) write(`notes/${index}.yaml`, 'kind: [');
    await start();
    expect(live.report.faults).toHaveLength(documentLimits.faults);
    expect(live.report.faults.at(-1)?.message).toBe('6 more faults are not listed');
  });
});

describe('reading once', () => {
  it('gives the documents and everything that loading them would complain about', async () => {
    write('notes/a.yaml', aNote('a'));
    write('notes/b.yaml', aNote('b', '1', 'fails: true\n'));
    write('notes/c.yaml', aNote('a'));
    await start();
    const { documents, faults } = await readDocuments(dir, kinds);
    expect([documents.map(({ name }) => name), faults.map(faultText)]).toEqual([
      ['a', 'b'],
      [expect.stringMatching(/^notes\/c\.yaml:2: metadata\.name: /)],
    ]);
    expect(await checkDocuments(dir, kinds, compile)).toEqual(live.report.faults);
  });
});
