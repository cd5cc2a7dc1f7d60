import { describe, expect, it } from 'vitest';
import { grammarOfAnswers } from './grammars.ts';
import { readJsonSchema } from './json-schema.ts';

function read(schema: unknown): unknown {
  return readJsonSchema(JSON.stringify(schema));
}

describe('a JSON schema', () => {
  it('of the usual shape is read as it stands', () => {
    const schema = {
      type: 'object',
      title: 'Person',
      properties: {
        name: { type: 'string' },
        age: { type: 'integer' },
        tags: { type: 'array', items: { type: 'string' } },
      },
      required: ['name'],
      additionalProperties: false,
    };
    expect(read(schema)).toEqual({
      type: 'object',
      properties: {
        name: { type: 'string' },
        age: { type: 'integer' },
        tags: { type: 'array', items: { type: 'string' } },
      },
      additionalProperties: false,
    });
  });

  it('reads alternatives, lists of types, constants and enumerations', () => {
    expect(read({ anyOf: [{ type: 'string' }, { const: 5 }] })).toEqual({
      oneOf: [{ type: 'string' }, { enum: [5] }],
    });
    expect(read({ type: ['string', 'null'] })).toEqual({ oneOf: [{ type: 'string' }, { type: 'null' }] });
    expect(read({ type: 'string', enum: ['a', 'b'] })).toEqual({ enum: ['a', 'b'] });
  });

  it('reads references into its definitions', () => {
    const node = {
      type: 'object',
      properties: { next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } },
    };
    expect(read({ $ref: '#/$defs/node', $defs: { node } })).toMatchObject({
      $ref: '#/$defs/node',
      $defs: { node: { properties: { next: { oneOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } } } },
    });
  });

  it('reads an object without properties as any object, and an empty schema as any value', () => {
    expect(read({ type: 'object' })).toMatchObject({ additionalProperties: true });
    expect(read({ type: 'object', properties: { any: {} } })).toMatchObject({
      properties: { any: { oneOf: expect.anything() } },
    });
  });

  it.each([
    [{ type: 'string', pattern: '^a' }, '"pattern"'],
    [{ type: 'object', properties: { n: { type: 'number', minimum: 3 } } }, '#/properties/n'],
    [{ allOf: [{ type: 'string' }] }, '"allOf"'],
    [{ type: 'string', format: 'email' }, '#/format'],
    [{ type: 'object', properties: {}, required: ['a'] }, '"a"'],
    [{ $ref: 'https://elsewhere.example/schema' }, '#/$ref'],
    [{ enum: [{}] }, '#/enum'],
    [{ type: 'array', maxItems: 100_000 }, '#/maxItems'],
    [{ anyOf: [{ type: 'string' }], type: 'string' }, '"type"'],
  ])('that cannot be enforced is refused, naming the place: %j', (schema, place) => {
    expect(() => read(schema)).toThrowError(
      expect.objectContaining({ code: 'unsupported', message: expect.stringContaining(place) }),
    );
  });

  it.each([
    ['{'],
    ['[]'],
    ['{"type":"text"}'],
    ['{"type":"array","minItems":3,"maxItems":1}'],
    ['{"enum":[]}'],
  ])('that is none is refused: %s', (text) => {
    expect(() => readJsonSchema(text)).toThrowError(expect.objectContaining({ code: 'invalid_request' }));
  });

  it('that is nested without end is refused', () => {
    let schema: unknown = { type: 'string' };
    for (let depth = 0; depth < 40; depth++) schema = { type: 'array', items: schema };
    expect(() => read(schema)).toThrow(/nested deeper/);
  });
});

describe('the grammar of answers', () => {
  it('ends with the value', () => {
    const grammar = [
      'root ::= "{" "}" "\\n\\n\\n\\n" [\\n]*',
      'integer-number-rule ::= "-"? x ([eE] y)?',
    ].join('\n');
    expect(grammarOfAnswers(grammar)).toBe(
      'root ::= "{" "}"\ninteger-number-rule ::= "-"? ("0" | [1-9] [0-9]{0,15})',
    );
  });

  it('is refused when the library writes it otherwise', () => {
    expect(() => grammarOfAnswers('root ::= "{" "}"')).toThrow(/unexpected end/);
  });
});
