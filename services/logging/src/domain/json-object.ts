/** What a JSON text of an object parses to. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a parsed value is an object, and no array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The parsed text; undefined when it is not JSON, which no JSON text parses to. */
export function parseJson(text: unknown): unknown {
  if (typeof text !== 'string' || !text.isWellFormed()) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The fields of `object` that are named, those that it has. */
export function pick(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(object, name)).map((name) => [name, object[name]]),
  );
}
