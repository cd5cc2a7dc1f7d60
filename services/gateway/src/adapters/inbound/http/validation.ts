import { ParleyError } from '@parley/kernel';
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** What OpenAI's API takes in these places and Parley does not: answered as `unsupported`, not as a mistake. */
const knownElsewhere: ReadonlySet<unknown> = new Set([
  'function',
  'custom',
  'allowed_tools',
  'web_search',
  'web_search_preview',
  'file_search',
  'mcp',
  'code_interpreter',
  'image_generation',
  'computer_use_preview',
  'local_shell',
  'shell',
  'apply_patch',
  'image_url',
  'input_image',
  'input_audio',
  'input_file',
  'file',
  'computer_screenshot',
  'item_reference',
  'reasoning',
  'reasoning_text',
  'compaction',
  'grammar',
  'python',
  'file_search_call',
  'web_search_call',
  'computer_call',
  'computer_call_output',
  'code_interpreter_call',
  'image_generation_call',
  'local_shell_call',
  'local_shell_call_output',
  'shell_call',
  'shell_call_output',
  'apply_patch_call',
  'apply_patch_call_output',
  'mcp_list_tools',
  'mcp_approval_request',
  'mcp_approval_response',
  'mcp_call',
  'custom_tool_call',
  'custom_tool_call_output',
  'tool_search_call',
  'tool_search_output',
]);

/**
 * A value from outside, checked. The first fault is told: the field's path, what was expected, what to do.
 * @param where what the value is, for a fault of the whole of it: `The body`
 * @throws ParleyError `invalid_request`; `unsupported` for what OpenAI's API has and Parley has not
 */
export function check<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fault = deepest(parsed.error.issues, []);
  const found = valueAt(value, fault.path);
  const param = pathText(fault.path);
  if (knownElsewhere.has(found)) {
    throw new ParleyError(
      'unsupported',
      `\`${param}\` is ${JSON.stringify(found)}, which is not supported here; ${fault.expected}.`,
      { param },
    );
  }
  if (fault.unknown === true) {
    const message = `\`${param}\` is no field that is known here. Remove it, or correct its name.`;
    throw new ParleyError('invalid_request', message, { param });
  }
  const subject = param === '' ? where : `\`${param}\``;
  const message =
    found === undefined
      ? `${subject} is missing: ${fault.expected}. Add it to the request.`
      : `${subject} is ${described(found)}: ${fault.expected}. Correct it and send the request again.`;
  throw new ParleyError('invalid_request', message, param === '' ? {} : { param });
}

interface Fault {
  readonly path: Path;
  readonly expected: string;
  /** The field is none that is known there; taking it out helps, another value does not. */
  readonly unknown?: boolean;
}

/** The issue that lies deepest: in a union it is the one of the branch that the caller meant. */
function deepest(issues: readonly Issue[], base: Path): Fault {
  let best: Fault = { path: base, expected: 'another value is expected' };
  let found = false;
  for (const issue of issues) {
    const fault = faultOf(issue, base);
    if (!found || fault.path.length > best.path.length) best = fault;
    found = true;
  }
  return best;
}

function faultOf(issue: Issue, base: Path): Fault {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return { path: [...path, key], expected: 'no such field is known', unknown: true };
  }
  if (issue.code !== 'invalid_union') return { path, expected: expectation(issue) };
  const branches = issue.errors.map((branch) => deepest(branch, path));
  const meant = branches.filter((branch) => branch.path.length > path.length);
  const [first] = meant.length > 0 ? meant : [];
  if (first !== undefined) return first;
  return {
    path,
    expected:
      branches.length === 0 ? expectation(issue) : branches.map((branch) => branch.expected).join(', or '),
  };
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `${withArticle(issue.expected)} is expected`;
    case 'invalid_value':
      return `expected ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      return `at least ${String(issue.minimum)}${unitOf(issue.origin)} is expected`;
    case 'too_big':
      return `at most ${String(issue.maximum)}${unitOf(issue.origin)} is allowed`;
    case 'invalid_union':
      return `expected one of ${optionsOf(issue)
        .map((option) => JSON.stringify(option))
        .join(', ')}`;
    case 'invalid_key':
      return `its name is not allowed (${issue.issues.map(expectation).join('; ')})`;
    case 'invalid_format':
    case 'custom':
      return `expected ${issue.message}`;
    case 'unrecognized_keys':
    case 'not_multiple_of':
    case 'invalid_element':
      return issue.message;
  }
}

function optionsOf(issue: Issue): readonly unknown[] {
  return 'options' in issue && Array.isArray(issue.options) ? issue.options : [];
}

const units: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' };

function unitOf(origin: string): string {
  return units[origin] ?? '';
}

const typeNames: Readonly<Record<string, string>> = { int: 'integer', record: 'object' };

function withArticle(type: string): string {
  const name = typeNames[type] ?? type;
  return `${/^[aeio]/.test(name) ? 'an' : 'a'} ${name}`;
}

/** `messages[0].content`; keys that are no plain names are quoted. */
function pathText(path: Path): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (/^\w{1,64}$/.test(String(key))) text += text === '' ? String(key) : `.${String(key)}`;
    else text += `[${JSON.stringify(String(key).slice(0, 64))}]`;
  }
  return text;
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = Reflect.get(at, key);
  }
  return at;
}

/** Short words and numbers are shown; longer text may be the user's and is not repeated. */
function described(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (typeof value === 'string')
    return value.length <= 32 ? JSON.stringify(value) : `a string of ${value.length} characters`;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'an object';
}
