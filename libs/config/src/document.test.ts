import { z } from 'zod';
import { describe, expect, it } from 'vitest';
import { DocumentError, parseDocument } from '@parley/config';

const model = z.strictObject({
  kind: z.literal('Model'),
  metadata: z.strictObject({ name: z.string() }),
  spec: z.strictObject({
    context: z.strictObject({ tokens: z.int().min(1) }),
    stop: z.array(z.string()).default([]),
    limit: z.union([z.int(), z.strictObject({ tokens: z.int() })]).optional(),
  }),
});

const good = ['kind: Model', 'metadata: { name: tiny }', 'spec:', '  context:', '    tokens: 1024'].join(
  '\n',
);

function faultsOf(text: string): DocumentError['faults'] {
  try {
    parseDocument('m.yaml', text).validate(model);
  } catch (error) {
    if (error instanceof DocumentError) return error.faults;
  }
  return [];
}

describe('a configuration document', () => {
  it('gives its typed content', () => {
    expect(parseDocument('m.yaml', good).validate(model)).toEqual({
      kind: 'Model',
      metadata: { name: 'tiny' },
      spec: { context: { tokens: 1024 }, stop: [] },
    });
  });

  it('names file, line and path of every fault', () => {
    const faults = faultsOf(
      [
        'kind: Model',
        'metadata: { name: 7 }',
        'spec:',
        '  context:',
        '    tokens: 0',
        '  stop:',
        '    - a',
        '    - 5',
      ].join('\n'),
    );
    expect(faults.map(({ line, path }) => `${line} ${path}`)).toEqual([
      '2 metadata.name',
      '5 spec.context.tokens',
      '8 spec.stop[1]',
    ]);
    expect(faults[0]).toMatchObject({ file: 'm.yaml', message: expect.stringContaining('string') });
  });

  it('points at an unknown key itself', () => {
    expect(faultsOf(`${good}\n  contxt: 5`)).toEqual([
      { file: 'm.yaml', line: 6, path: 'spec.contxt', message: 'is not a known key here' },
    ]);
  });

  it('points at the container of a missing key', () => {
    const [fault] = faultsOf(['kind: Model', 'metadata: { name: x }', 'spec:', '  context: {}'].join('\n'));
    expect(fault).toMatchObject({ line: 4, path: 'spec.context.tokens' });
  });

  it('explains the alternative of a union that fits best', () => {
    expect(faultsOf(`${good}\n  limit: { tokens: many }`)).toMatchObject([
      { line: 6, path: 'spec.limit.tokens' },
    ]);
  });

  it.each([
    ['a syntax error', 'kind: Model\nmetadata: [', 2],
    ['a key that stands twice', 'kind: Model\nkind: Model', 2],
    ['a second document', 'kind: Model\n---\nkind: Model', 2],
  ])('with %s is refused at its line', (_, text, line) => {
    expect(() => parseDocument('m.yaml', text)).toThrow(DocumentError);
    expect(faultsOf(text)[0]?.line).toBe(line);
  });

  it('that is empty is refused without a crash', () => {
    expect(faultsOf('')).toMatchObject([{ line: 1, path: '' }]);
  });

  it('says the line for rules that no schema expresses', () => {
    const error = parseDocument('m.yaml', good).error(['spec', 'context'], 'is too small for this model');
    expect(error.message).toBe('m.yaml:4: spec.context: is too small for this model');
  });
});
