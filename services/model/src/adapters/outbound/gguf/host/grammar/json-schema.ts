import { ParleyError } from '@parley/kernel';
import type { GbnfJsonSchema } from 'node-llama-cpp';

type Schema = Readonly<Record<string, unknown>>;
type Definitions = Readonly<Record<string, GbnfJsonSchema>>;

/** Says something about values and restricts none. */
const annotations: ReadonlySet<string> = new Set([
  'title',
  'description',
  '$schema',
  '$id',
  '$comment',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
]);
const keywordsOfType: Readonly<Record<string, readonly string[]>> = {
  object: ['properties', 'required', 'additionalProperties', 'minProperties', 'maxProperties'],
  array: ['items', 'prefixItems', 'minItems', 'maxItems'],
  string: ['minLength', 'maxLength', 'format'],
  number: [],
  integer: [],
  boolean: [],
  null: [],
};
const formats: ReadonlySet<unknown> = new Set(['date', 'time', 'date-time']);
const maxSchemaLength = 65_536;
const maxDepth = 32;
/** llama.cpp refuses grammars that repeat a rule more often than this (MAX_REPETITION_THRESHOLD). */
const maxRepetitions = 2000;

const anyValue: GbnfJsonSchema = {
  oneOf: [
    { type: 'object', additionalProperties: true },
    { type: 'array' },
    { type: ['string', 'number', 'boolean', 'null'] },
  ],
};

/**
 * Reads a JSON Schema as the subset that can be enforced while decoding. What the answer may be is never wider than
 * the schema: optional properties are always given, and other properties only where the schema speaks of them.
 * @throws ParleyError `invalid_request` when the text is not a JSON Schema, `unsupported` naming the keyword at fault.
 */
export function readJsonSchema(text: string): GbnfJsonSchema {
  if (text.length > maxSchemaLength) {
    throw fault('invalid_request', '#', `is longer than the ${maxSchemaLength} characters allowed`);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw fault('invalid_request', '#', 'is not JSON');
  }
  const root = asSchema(parsed, '#');
  const { $defs, definitions, ...rest } = root;
  const all = { ...asSchema(definitions ?? {}, '#/definitions'), ...asSchema($defs ?? {}, '#/$defs') };
  const names: ReadonlySet<string> = new Set(Object.keys(all));
  const read = new SchemaReader(names);
  const defs: Definitions = Object.fromEntries(
    Object.entries(all).map(([name, schema]) => [name, read.read(schema, `#/$defs/${name}`, 1)]),
  );
  const schema = read.read(rest, '#', 0);
  return names.size === 0 ? schema : ({ ...schema, $defs: defs } as GbnfJsonSchema);
}

class SchemaReader {
  readonly #definitions: ReadonlySet<string>;

  constructor(definitions: ReadonlySet<string>) {
    this.#definitions = definitions;
  }

  read(value: unknown, path: string, depth: number): GbnfJsonSchema {
    if (depth > maxDepth) throw fault('unsupported', path, `is nested deeper than ${maxDepth} levels`);
    if (value === true) return anyValue;
    const schema = asSchema(value, path);
    if ('$ref' in schema) return this.#reference(schema, path);
    if ('anyOf' in schema || 'oneOf' in schema) return this.#alternatives(schema, path, depth);
    if ('const' in schema) return literals([schema['const']], schema, 'const', path);
    if ('enum' in schema) return literals(schema['enum'], schema, 'enum', path);
    const types = typesOf(schema, path);
    if (types === undefined) {
      allowOnly(schema, [], path);
      return anyValue;
    }
    allowOnly(schema, ['type', ...types.flatMap((type) => keywordsOfType[type] ?? [])], path);
    const each = types.map((type) => this.#typed(type, schema, path, depth));
    const [only] = each;
    return only !== undefined && each.length === 1 ? only : ({ oneOf: each } as GbnfJsonSchema);
  }

  #reference(schema: Schema, path: string): GbnfJsonSchema {
    allowOnly(schema, ['$ref'], path);
    const name = /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec(String(schema['$ref']))?.[1];
    if (name === undefined || !this.#definitions.has(name)) {
      throw fault('unsupported', `${path}/$ref`, 'must name an entry of "$defs" of this schema');
    }
    return { $ref: `#/$defs/${name}` } as unknown as GbnfJsonSchema;
  }

  #alternatives(schema: Schema, path: string, depth: number): GbnfJsonSchema {
    const keyword = 'anyOf' in schema ? 'anyOf' : 'oneOf';
    allowOnly(schema, [keyword], path);
    const list = schema[keyword];
    if (!Array.isArray(list) || list.length === 0)
      throw fault('invalid_request', `${path}/${keyword}`, 'must be a list');
    const oneOf = list.map((item, index) => this.read(item, `${path}/${keyword}/${index}`, depth + 1));
    return { oneOf } as GbnfJsonSchema;
  }

  #typed(type: string, schema: Schema, path: string, depth: number): GbnfJsonSchema {
    if (type === 'object') return this.#object(schema, path, depth);
    if (type === 'array') return this.#array(schema, path, depth);
    if (type === 'string') return stringSchema(schema, path);
    return { type } as GbnfJsonSchema;
  }

  #object(schema: Schema, path: string, depth: number): GbnfJsonSchema {
    const declared = asSchema(schema['properties'] ?? {}, `${path}/properties`);
    const properties = Object.fromEntries(
      Object.entries(declared).map(([name, value]) => [
        name,
        this.read(value, `${path}/properties/${name}`, depth + 1),
      ]),
    );
    const required = schema['required'] ?? [];
    if (!Array.isArray(required)) throw fault('invalid_request', `${path}/required`, 'must be a list');
    const unknown = required.find((name) => !Object.hasOwn(properties, String(name)));
    if (unknown !== undefined) {
      throw fault(
        'unsupported',
        `${path}/required`,
        `names "${String(unknown)}", which "properties" does not describe`,
      );
    }
    const others = schema['additionalProperties'] ?? Object.keys(properties).length === 0;
    return {
      type: 'object',
      properties,
      additionalProperties:
        typeof others === 'boolean' ? others : this.read(others, `${path}/additionalProperties`, depth + 1),
      ...counts(schema, ['minProperties', 'maxProperties'], path),
    } as GbnfJsonSchema;
  }

  #array(schema: Schema, path: string, depth: number): GbnfJsonSchema {
    const { items, prefixItems } = schema;
    if (prefixItems !== undefined && !Array.isArray(prefixItems)) {
      throw fault('invalid_request', `${path}/prefixItems`, 'must be a list');
    }
    const prefix = prefixItems?.map((item, index) =>
      this.read(item, `${path}/prefixItems/${index}`, depth + 1),
    );
    return {
      type: 'array',
      ...(items === undefined ? {} : { items: this.read(items, `${path}/items`, depth + 1) }),
      ...(prefix === undefined ? {} : { prefixItems: prefix }),
      ...counts(schema, ['minItems', 'maxItems'], path),
    } as GbnfJsonSchema;
  }
}

function stringSchema(schema: Schema, path: string): GbnfJsonSchema {
  const { format } = schema;
  if (format === undefined) return { type: 'string', ...counts(schema, ['minLength', 'maxLength'], path) };
  if (!formats.has(format)) throw fault('unsupported', `${path}/format`, `can be ${[...formats].join(', ')}`);
  if ('minLength' in schema || 'maxLength' in schema) {
    throw fault('unsupported', `${path}/format`, 'cannot stand beside a length');
  }
  return { type: 'string', format } as GbnfJsonSchema;
}

function typesOf(schema: Schema, path: string): string[] | undefined {
  const { type } = schema;
  if (type === undefined) {
    const implied = Object.keys(keywordsOfType).filter((name) =>
      keywordsOfType[name]?.some((key) => key in schema),
    );
    return implied.length === 0 ? undefined : implied;
  }
  const types: unknown[] = Array.isArray(type) ? type : [type];
  for (const name of types) {
    if (typeof name !== 'string' || !Object.hasOwn(keywordsOfType, name)) {
      throw fault('invalid_request', `${path}/type`, `can be ${Object.keys(keywordsOfType).join(', ')}`);
    }
  }
  return types as string[];
}

function literals(values: unknown, schema: Schema, keyword: string, path: string): GbnfJsonSchema {
  allowOnly(schema, [keyword, 'type'], path);
  if (!Array.isArray(values) || values.length === 0)
    throw fault('invalid_request', `${path}/${keyword}`, 'must be a list');
  if (values.some((value) => typeof value === 'object' && value !== null)) {
    throw fault('unsupported', `${path}/${keyword}`, 'can hold strings, numbers, booleans and null only');
  }
  return { enum: values } as GbnfJsonSchema;
}

function counts(schema: Schema, keywords: readonly string[], path: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const keyword of keywords) {
    const value = schema[keyword];
    if (value === undefined) continue;
    if (!Number.isInteger(value) || Number(value) < 0) {
      throw fault('invalid_request', `${path}/${keyword}`, 'must be a whole number from 0');
    }
    if (Number(value) > maxRepetitions)
      throw fault('unsupported', `${path}/${keyword}`, `can be ${maxRepetitions} at most`);
    found[keyword] = Number(value);
  }
  const [least, most] = keywords.map((keyword) => found[keyword]);
  if (least !== undefined && most !== undefined && least > most) {
    throw fault('invalid_request', path, `has a ${keywords[0]} above its ${keywords[1]}`);
  }
  return found;
}

function allowOnly(schema: Schema, keywords: readonly string[], path: string): void {
  const other = Object.keys(schema).find((key) => !keywords.includes(key) && !annotations.has(key));
  if (other === undefined) return;
  throw fault(
    'unsupported',
    path,
    `uses "${other}", which cannot be enforced here while an answer is generated`,
  );
}

function asSchema(value: unknown, path: string): Schema {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Schema;
  throw fault(value === false ? 'unsupported' : 'invalid_request', path, 'must be an object');
}

function fault(code: 'invalid_request' | 'unsupported', path: string, what: string): ParleyError {
  return new ParleyError(code, `The JSON schema at ${path} ${what}.`, { param: 'format.json_schema.schema' });
}
