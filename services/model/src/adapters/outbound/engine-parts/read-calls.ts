/** A call as a model wrote it. */
export interface WrittenCall {
  readonly name: string;
  /** JSON text of an object. */
  readonly arguments: string;
}

/**
 * The calls that a JSON text holds: one object, or an array of them.
 * @param known the names of the functions there are
 * @returns undefined when the text is anything else
 */
export function readCalls(json: string, known: ReadonlySet<string>): readonly WrittenCall[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const calls = list.flatMap((one) => readCall(one, known) ?? []);
  return calls.length === 0 || calls.length < list.length ? undefined : calls;
}

function readCall(value: unknown, known: ReadonlySet<string>): WrittenCall | undefined {
  if (!isObject(value)) return undefined;
  const { name } = value;
  if (typeof name !== 'string' || !known.has(name)) return undefined;
  const given = value['arguments'] ?? value['parameters'];
  const text = typeof given === 'string' ? given : JSON.stringify(given);
  return given !== undefined && isObject(parsed(text)) ? { name, arguments: text } : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
