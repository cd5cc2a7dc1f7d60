import { z } from 'zod';
import { describe, expect, it } from 'vitest';
import { documentsIn } from './file-documents.ts';
import { takeEffect } from './take-effect.ts';
import type { CompileDocuments, InEffect, Outcome } from './take-effect.ts';

const schema = z.strictObject({
  kind: z.literal('Note'),
  metadata: z.strictObject({ name: z.string(), version: z.string() }),
  spec: z.strictObject({ uses: z.string().optional(), fails: z.boolean().optional() }).prefault({}),
});
const note = { kind: 'Note', folder: 'notes', schema };

/** Names of the documents; one that uses another that is not there, or that fails its own tests, is refused. */
const compile: CompileDocuments<string> = async (documents) => {
  const names = documents.map(({ name }) => name);
  const specs = documents.map((document) => ({
    document,
    spec: (document.value as z.infer<typeof schema>).spec,
  }));
  const refused = specs.filter(
    ({ spec }) => spec.fails === true || (spec.uses !== undefined && !names.includes(spec.uses)),
  );
  return {
    value: documents.map(({ name, version }) => `${name}@${version}`).join(' '),
    faults: refused.flatMap(({ document, spec }) =>
      spec.fails === true
        ? document.parsed.error(['spec', 'fails'], 'its own test fails').faults
        : document.parsed.error(['spec', 'uses'], `there is no Note "${spec.uses}"`).faults,
    ),
    refused: refused.map(({ document }) => document),
  };
};

function aNote(name: string, version = '1', spec = '{}'): string {
  return `kind: Note\nmetadata: { name: ${name}, version: "${version}" }\nspec: ${spec}\n`;
}

function look(files: Record<string, string>, before?: Outcome<string>): Promise<Outcome<string>> {
  const found = Object.entries(files).map(([name, text]) =>
    documentsIn({ file: `notes/${name}.yaml`, content: { text }, digest: text }, [note]),
  );
  return takeEffect(found, [], before?.inEffect, compile);
}

function told({ faults }: Outcome<string>): string[] {
  return faults.map(({ file, line, path, message }) => `${file}:${line} ${path} ${message}`);
}

describe('the documents that take effect', () => {
  it('are all that are good; one at fault at the first load is left out', async () => {
    const outcome = await look({
      a: aNote('a'),
      b: 'kind: Note\nmetadata: {}\n',
      c: aNote('c', '1', '{ fails: true }'),
    });
    expect(outcome.inEffect.value).toBe('a@1');
    expect(told(outcome)).toEqual([
      expect.stringContaining('notes/b.yaml:2 metadata.name'),
      expect.stringContaining('notes/b.yaml:2 metadata.version'),
      'notes/c.yaml:3 spec.fails its own test fails',
    ]);
  });

  it('are the last good ones of a file that is broken, refused or fails its tests', async () => {
    const first = await look({ a: aNote('a'), b: aNote('b') });
    for (const broken of [
      'kind: [',
      '',
      aNote('a', '2', '{ uses: nobody }'),
      aNote('a', '2', '{ fails: true }'),
    ]) {
      const second = await look({ a: broken, b: aNote('b', '2') }, first);
      expect(second.inEffect.value).toBe('a@1 b@2');
      expect(second.faults).toHaveLength(1);
    }
  });

  it('take all documents of a file or none', async () => {
    const first = await look({ a: `${aNote('a')}---\n${aNote('b')}` });
    expect(first.inEffect.value).toBe('a@1 b@1');
    const second = await look({ a: `${aNote('a', '2')}---\n${aNote('b', '2', '{ fails: true }')}` }, first);
    expect(second.inEffect).toBe(first.inEffect);
    expect(told(second)).toEqual(['notes/a.yaml:7 spec.fails its own test fails']);
  });

  it('go with their file', async () => {
    const first = await look({ a: aNote('a'), b: aNote('b') });
    const second = await look({ b: aNote('b') }, first);
    expect([second.inEffect.value, second.faults]).toEqual(['b@1', []]);
  });

  it('change together when they refer to each other', async () => {
    const first = await look({ a: aNote('a', '1', '{ uses: b }'), b: aNote('b') });
    const second = await look({ a: aNote('a', '2', '{ uses: c }'), b: aNote('c') }, first);
    expect([second.inEffect.value, second.faults]).toEqual(['a@2 c@1', []]);
  });

  it('stay as they are while a change would break one that did not change', async () => {
    const files = { a: aNote('a', '1', '{ uses: b }'), b: aNote('b'), c: aNote('c') };
    const first = await look(files);
    const second = await look({ a: files.a, c: aNote('c', '2') }, first);
    expect(second.inEffect).toBe(first.inEffect);
    expect(told(second)).toEqual(['notes/a.yaml:3 spec.uses there is no Note "b"']);
    const mended = await look({ a: aNote('a', '2'), c: aNote('c', '2') }, second);
    expect([mended.inEffect.value, mended.faults]).toEqual(['a@2 c@2', []]);
  });

  it('leave out, one after the other, what builds on a document that is refused', async () => {
    const outcome = await look({
      a: aNote('a', '1', '{ uses: b }'),
      b: aNote('b', '1', '{ uses: c }'),
      c: aNote('c', '1', '{ fails: true }'),
      d: aNote('d'),
    });
    expect(outcome.inEffect.value).toBe('d@1');
    expect(outcome.faults).toHaveLength(3);
  });

  it('are not exchanged when only something without meaning has changed', async () => {
    const first = await look({ a: `${aNote('a')}---\n${aNote('b')}` });
    const second = await look(
      { a: `# says nothing\n---\n${aNote('a')}\n---\n${aNote('b')}...\n---\n` },
      first,
    );
    expect(second.inEffect).toBe(first.inEffect);
  });

  it('stay, all of them, in a folder that cannot be read', async () => {
    const first = await look({ a: aNote('a') });
    const fault = { file: 'notes', line: 1, path: '', message: 'cannot be read (EIO)' };
    const second = await takeEffect([], [fault], first.inEffect, compile);
    expect(second).toEqual({ inEffect: first.inEffect, faults: [fault] });
  });
});

describe('a name that is taken', () => {
  const fault = (file: string, line: number, where: string): string =>
    `notes/${file}.yaml:${line} metadata.name the Note "a" is there already, at ${where}; expected another name`;

  it('is a fault of the later document', async () => {
    const outcome = await look({ a: aNote('a'), b: `${aNote('b')}---\n${aNote('a', '2')}` });
    expect(outcome.inEffect.value).toBe('a@1');
    expect(told(outcome)).toEqual([fault('b', 6, 'notes/a.yaml:2')]);
  });

  it('stays with the document that had it, whatever the newcomer is called', async () => {
    const first = await look({ b: aNote('a') });
    const second = await look({ a: aNote('a', '2'), b: aNote('a') }, first);
    expect(second.inEffect.value).toBe('a@1');
    expect(told(second)).toEqual([fault('a', 2, 'notes/b.yaml:2')]);
  });

  it('may move to another file in one step', async () => {
    const first = await look({ b: aNote('a') });
    const second = await look({ a: aNote('a', '2'), b: aNote('b') }, first);
    expect([second.inEffect.value, second.faults]).toEqual(['a@2 b@1', []]);
  });

  it('is refused twice in one file', async () => {
    const outcome = await look({ a: `${aNote('a')}---\n${aNote('a')}` });
    expect(outcome.inEffect.value).toBe('');
    expect(told(outcome)).toEqual([fault('a', 6, 'notes/a.yaml:2')]);
  });
});

describe('compiling', () => {
  it('that refuses a document it was not given is an error, not an endless loop', async () => {
    const other = (await look({ x: aNote('x') })).inEffect.files.get('notes/x.yaml') ?? [];
    const refusing: CompileDocuments<string> = async () => ({ value: '', faults: [], refused: other });
    await expect(takeEffect([], [], undefined, refusing)).rejects.toThrow('not given');
    const before: InEffect<string> = { files: new Map(), value: 'before' };
    expect((await takeEffect([], [], before, refusing)).inEffect).toBe(before);
  });
});
