import { ParleyError, toParleyError } from '@parley/kernel';
import type { FunctionTool } from '../../../../../ports/engine.ts';
import { readJsonSchema } from '../grammar/json-schema.ts';

type Json = Readonly<Record<string, unknown>>;

const none: Json = { type: 'object', properties: {}, additionalProperties: false };

/**
 * What a call's arguments are held to. Keywords that only narrow values and cannot be enforced here are left out: a
 * call is of the right shape, as with other servers; whoever runs it checks the values.
 * @throws ParleyError `invalid_request`, `unsupported`
 */
export function schemaOf({ name, parameters }: FunctionTool): Json {
  if (parameters === '') return none;
  const schema = asObject(parsed(name, parameters), name);
  const { type = 'object' } = schema;
  if (type !== 'object') throw fault(name, 'must have the type "object"');
  return { ...(loosened(schema) as Json), type };
}

/** A call of one of several functions. @throws ParleyError as `schemaOf`, for the function at fault. */
export function callSchema(functions: readonly FunctionTool[], argumentsKey: string): Json {
  const definitions: Record<string, unknown> = {};
  const oneOf = functions.map((one, index) => {
    const schema = moved(schemaOf(one), `${index}-`, definitions);
    return {
      type: 'object',
      properties: { name: { const: one.name }, [argumentsKey]: schema },
      required: ['name', argumentsKey],
      additionalProperties: false,
    };
  });
  return { oneOf, ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions }) };
}

/** @throws ParleyError that names the function whose schema no grammar can be made of. */
export function requireEnforceable(functions: readonly FunctionTool[]): void {
  for (const one of functions) {
    try {
      readJsonSchema(JSON.stringify(schemaOf(one)));
    } catch (thrown) {
      throw toolsFault(`The parameters of function "${one.name}"`, thrown);
    }
  }
}

/** What is wrong with a schema or a grammar, as a fault of the request's tools. */
export function toolsFault(where: string, thrown: unknown): ParleyError {
  const { code, message } = toParleyError(thrown);
  return new ParleyError(code, `${where}: ${message}`, { param: 'tools' });
}

/** The schema with its definitions among those of all, under names of its own. */
function moved(schema: Json, prefix: string, definitions: Record<string, unknown>): Json {
  const { $defs, definitions: older, ...rest } = schema;
  for (const defs of [older, $defs]) {
    if (typeof defs !== 'object' || defs === null) continue;
    for (const [name, value] of Object.entries(defs)) definitions[prefix + name] = renamed(value, prefix);
  }
  return renamed(rest, prefix) as Json;
}

function renamed(value: unknown, prefix: string): unknown {
  return changed(value, (key, member) =>
    key === '$ref' && typeof member === 'string'
      ? member.replace(/^#\/(?:\$defs|definitions)\//, `#/$defs/${prefix}`)
      : undefined,
  );
}

const narrowing: ReadonlySet<string> = new Set([
  'pattern',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'uniqueItems',
  'contentEncoding',
  'contentMediaType',
]);
const enforcedFormats: ReadonlySet<unknown> = new Set(['date', 'time', 'date-time']);

/** Of `properties` the members are names, not keywords, so they stay whatever they are called. */
function loosened(value: unknown, isKeywords = true): unknown {
  if (Array.isArray(value)) return value.map((one) => loosened(one));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(
    ([key, member]) => !isKeywords || !(narrowing.has(key) || isOpenFormat(key, member)),
  );
  return Object.fromEntries(
    members.map(([key, member]) => [
      key,
      isKeywords && literal.has(key) ? member : loosened(member, !isKeywords || !named.has(key)),
    ]),
  );
}

const named: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions']);
const literal: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples']);

function isOpenFormat(key: string, member: unknown): boolean {
  return key === 'format' && typeof member === 'string' && !enforcedFormats.has(member);
}

/** A copy in which `change` replaces members; undefined from it: the member stays, looked through. */
function changed(value: unknown, change: (key: string, member: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => changed(one, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, change(key, member) ?? changed(member, change)]),
  );
}

function parsed(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fault(name, 'are not JSON');
  }
}

function asObject(value: unknown, name: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw fault(name, 'must be a JSON Schema, which is an object');
}

function fault(name: string, what: string): ParleyError {
  return new ParleyError('invalid_request', `The parameters of function "${name}" ${what}.`, {
    param: 'tools',
  });
}
