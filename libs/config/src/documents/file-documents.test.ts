import { z } from 'zod';
import { describe, expect, it } from 'vitest';
import { documentsIn } from './file-documents.ts';
import type { FileDocuments } from './file-documents.ts';
import { documentsOf, jsonSchemaOf } from './document-kind.ts';

const head = { metadata: z.strictObject({ name: z.string(), version: z.string() }) };
const song = {
  kind: 'Song',
  folder: 'music',
  schema: z.strictObject({ kind: z.literal('Song'), ...head, bars: z.int().default(4) }),
};
const whistle = z.strictObject({ whistle: z.string() }).transform(({ whistle: name }) => ({
  kind: 'Song' as const,
  metadata: { name, version: '1' },
  bars: 1,
}));
const score = {
  kind: 'Score',
  folder: 'music',
  schema: z.strictObject({ kind: z.literal('Score'), ...head }),
};

function read(text: string): FileDocuments {
  return documentsIn({ file: 'music/a.yaml', content: { text }, digest: '' }, [song, score]);
}

const aSong = 'kind: Song\nmetadata: { name: a, version: 1.0.0 }\n';

describe('a file of documents', () => {
  it('holds them in the short form of their kind as well, with the lines of the file', () => {
    const short = { ...song, bare: { key: 'whistle', schema: whistle } };
    const shortRead = (text: string): FileDocuments =>
      documentsIn({ file: 'music/a.yaml', content: { text }, digest: '' }, [short, score]);
    const { documents = [] } = shortRead(`${aSong}---\nwhistle: b\n`);
    expect(documents.map(({ kind, name, bare }) => [kind, name, bare])).toEqual([
      ['Song', 'a', undefined],
      ['Song', 'b', true],
    ]);
    expect(documentsOf(documents, short).map(({ value }) => value.bars)).toEqual([4, 1]);
    expect(shortRead('whistle: b\nloud: true\n').faults).toMatchObject([{ line: 2, path: 'loud' }]);
    expect(jsonSchemaOf(short)).toMatchObject({ anyOf: [{}, { required: ['whistle'] }] });
  });

  it('holds several, of all kinds of its folder', () => {
    const { documents = [], faults } = read(
      `${aSong}---\n# the score\nkind: Score\nmetadata: { name: b, version: 2.0.0 }\n`,
    );
    expect(faults).toEqual([]);
    expect(documents.map(({ kind, name, version, file }) => [kind, name, version, file])).toEqual([
      ['Song', 'a', '1.0.0', 'music/a.yaml'],
      ['Score', 'b', '2.0.0', 'music/a.yaml'],
    ]);
    expect(documentsOf(documents, song).map(({ value }) => value.bars)).toEqual([4]);
  });

  it('gives a document the same digest wherever in the file it stands', () => {
    const alone = read(aSong).documents?.[0]?.digest;
    expect(alone).toMatch(/^[0-9a-f]{64}$/);
    expect(read(`---\n${aSong}...\n---\n${aSong.replace('a,', 'b,')}`).documents?.[0]?.digest).toBe(alone);
    expect(read(`${aSong}bars: 8\n`).documents?.[0]?.digest).not.toBe(alone);
  });

  it('tells the faults of all its documents, with the lines of the file', () => {
    const { documents, faults } = read(
      `${aSong}bars: many\n---\nkind: Poem\n---\nkind: Score\nmetadata: { name: 5, version: "1" }\n`,
    );
    expect(documents).toBeUndefined();
    expect(faults.map(({ line, path }) => `${line} ${path}`)).toEqual([
      '3 bars',
      '5 kind',
      '8 metadata.name',
    ]);
    expect(faults[1]?.message).toBe('must be Song or Score in this folder');
  });

  it.each([
    ['nothing', ''],
    ['only a comment', '# later\n---\n'],
  ])('that holds %s is at fault', (_, text) => {
    expect(read(text).faults).toMatchObject([{ line: 1, message: expect.stringContaining('no document') }]);
  });

  it.each([
    ['text', 'hello', 1],
    ['a list', `${aSong}---\n- 1\n`, 4],
    [
      'aliases without an end',
      `${aSong}---\na: &a [1, 1]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: &d [*c, *c]\ne: &e [*d, *d]\nf: &f [*e, *e]\ng: &g [*f, *f]\nh: [*g, *g]\n`,
      3,
    ],
    ['an unknown alias', 'kind: *nobody\n', 1],
  ])('that holds %s is at fault at its line', (_, text, line) => {
    expect(read(text)).toMatchObject({ documents: undefined, faults: [{ line }] });
  });

  it('has a JSON Schema in which defaults may be left out', () => {
    expect(jsonSchemaOf(song)).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      required: ['kind', 'metadata'],
      properties: { bars: { type: 'integer', default: 4 } },
    });
  });
});
