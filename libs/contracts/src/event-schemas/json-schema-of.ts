import { ScalarType } from '@bufbuild/protobuf';
import type { DescEnum, DescField, DescMessage, DescOneof } from '@bufbuild/protobuf';
import { commentOf } from './proto-comments.ts';

/** A JSON Schema, as the object that is written. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const integer64 = { type: 'string', pattern: '^-?[0-9]+$' };
const unsigned64 = { type: 'string', pattern: '^[0-9]+$' };
const integer32 = { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 };
const unsigned32 = { type: 'integer', minimum: 0, maximum: 2 ** 32 - 1 };
/** JSON has no number for what is none, or is infinite: words stand for them. */
const real = { anyOf: [{ type: 'number' }, { type: 'string', pattern: '^(NaN|-?Infinity)$' }] };

/** How the canonical JSON of proto3 writes each scalar (protobuf.dev, "ProtoJSON format"). */
const scalars: Readonly<Record<ScalarType, JsonSchema>> = {
  [ScalarType.DOUBLE]: real,
  [ScalarType.FLOAT]: real,
  [ScalarType.INT64]: integer64,
  [ScalarType.SINT64]: integer64,
  [ScalarType.SFIXED64]: integer64,
  [ScalarType.UINT64]: unsigned64,
  [ScalarType.FIXED64]: unsigned64,
  [ScalarType.INT32]: integer32,
  [ScalarType.SINT32]: integer32,
  [ScalarType.SFIXED32]: integer32,
  [ScalarType.UINT32]: unsigned32,
  [ScalarType.FIXED32]: unsigned32,
  [ScalarType.BOOL]: { type: 'boolean' },
  [ScalarType.STRING]: { type: 'string' },
  [ScalarType.BYTES]: { type: 'string', contentEncoding: 'base64' },
};

const wellKnown: Readonly<Record<string, JsonSchema>> = {
  'google.protobuf.Timestamp': { type: 'string', format: 'date-time' },
};

/**
 * The JSON Schema (2020-12) of a message's canonical proto3 JSON. It takes what a newer version of the message may
 * hold: other fields, other names of an enum. Nothing is required, since fields with their default are left out.
 * @throws Error when the message holds a well-known type of `google.protobuf` that is not known here.
 */
export function jsonSchemaOfMessage(message: DescMessage, head: JsonSchema): JsonSchema {
  const definitions: Record<string, JsonSchema> = {};
  const { description: own, ...body } = objectSchema(message, definitions);
  const named = Object.entries(definitions).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const $defs = named.length === 0 ? {} : { $defs: Object.fromEntries(named) };
  const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...head };
  return { ...schema, ...(own === undefined ? {} : { description: own }), ...body, ...$defs };
}

type Definitions = Record<string, JsonSchema>;

function objectSchema(message: DescMessage, definitions: Definitions): JsonSchema {
  const properties = Object.fromEntries(
    message.fields.map((field) => [field.jsonName, fieldSchema(field, definitions)]),
  );
  const choices = message.oneofs.filter((oneof) => oneof.fields.length > 1).map(atMostOneOf);
  return {
    ...described(message),
    type: 'object',
    properties,
    ...(choices.length === 0 ? {} : { allOf: choices }),
    additionalProperties: true,
  };
}

function atMostOneOf(oneof: DescOneof): JsonSchema {
  const each = oneof.fields.map(({ jsonName }) => ({ required: [jsonName] }));
  return { oneOf: [...each, { not: { anyOf: each } }] };
}

function fieldSchema(field: DescField, definitions: Definitions): JsonSchema {
  return { ...described(field), ...valueSchema(field, definitions) };
}

function valueSchema(field: DescField, definitions: Definitions): JsonSchema {
  const element = elementSchema(field, definitions);
  if (field.fieldKind === 'list') return { type: 'array', items: element };
  if (field.fieldKind === 'map') return { type: 'object', additionalProperties: element };
  return element;
}

function elementSchema({ message, enum: names, scalar }: DescField, definitions: Definitions): JsonSchema {
  if (message !== undefined) return messageSchema(message, definitions);
  if (names !== undefined) return reference(names.typeName, definitions, () => enumSchema(names));
  if (scalar !== undefined) return scalars[scalar];
  throw new Error('a field is neither a message nor an enum nor a scalar');
}

function messageSchema(message: DescMessage, definitions: Definitions): JsonSchema {
  const known = wellKnown[message.typeName];
  if (known !== undefined) return known;
  if (message.typeName.startsWith('google.protobuf.')) {
    throw new Error(`the JSON form of ${message.typeName} is not known: add it to wellKnown`);
  }
  return reference(message.typeName, definitions, () => objectSchema(message, definitions));
}

/** Declared before it is made, so that a message may hold itself. */
function reference(name: string, definitions: Definitions, make: () => JsonSchema): JsonSchema {
  if (!(name in definitions)) {
    definitions[name] = {};
    definitions[name] = make();
  }
  return { $ref: `#/$defs/${name}` };
}

/** Values by name; a newer version may send other names with the same beginning. */
function enumSchema(names: DescEnum): JsonSchema {
  const values = names.values.map((value) => ({ ...described(value), const: value.name }));
  const prefix = (names.sharedPrefix ?? '').toUpperCase();
  const later = { description: 'A value that a newer version brought.', pattern: `^${prefix}[A-Z0-9_]+$` };
  return { ...described(names), type: 'string', anyOf: [...values, later] };
}

/** A description starts with what the thing is; the type of event stands in the title already. */
function described(desc: Parameters<typeof commentOf>[0]): JsonSchema {
  const comment = commentOf(desc).replace(/^parley(\.[a-z_]+)+\.v\d+(: |$)/, '');
  return comment === '' ? {} : { description: comment };
}
