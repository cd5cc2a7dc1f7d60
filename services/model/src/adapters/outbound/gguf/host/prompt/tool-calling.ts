import { ParleyError } from '@parley/kernel';
import type {
  AnswerForm,
  ChatMessage,
  FunctionTool,
  RequestTools,
  ToolCallFormat,
} from '../../../../../ports/engine.ts';
import { markupOf, markupTexts } from '../../../engine-parts/tool-format.ts';
import { callSchema, requireEnforceable, schemaOf } from './tool-schema.ts';

/** How one answer calls functions. */
export interface CallPlan {
  /** What the template is told of. */
  readonly described: readonly FunctionTool[];
  /** Where the answer must be a call: how it begins, and what holds the rest to it. */
  readonly forced?: {
    /** Put at the end of the prompt. */
    readonly prompt: string;
    /** The part of it that belongs to the call's JSON. */
    readonly written: string;
    readonly form: AnswerForm;
  };
}

/**
 * @param tools undefined: none
 * @throws ParleyError `unsupported` for a schema that cannot be enforced where the call is forced, and for a call that
 * may or may not come beside an answer of a set form.
 */
export function planCalls(
  tools: RequestTools | undefined,
  format: Exclude<ToolCallFormat, 'none'>,
  form: AnswerForm,
): CallPlan {
  // A model that must not call is not told what it could.
  if (tools === undefined || tools.choice === 'none') return { described: [] };
  const { functions: described, choice } = tools;
  if (choice === 'auto') {
    if (form.kind !== 'text') throw bothAtOnce();
    return { described };
  }
  const open = openerOf(format);
  const allowed = choice === 'required' ? described : described.filter(({ name }) => name === choice.name);
  requireEnforceable(allowed);
  const { argumentsKey } = markupTexts[markupOf(format)];
  const [only] = allowed;
  if (only === undefined || allowed.length > 1) {
    return {
      described,
      forced: { prompt: open, written: '', form: held(callSchema(allowed, argumentsKey)) },
    };
  }
  const written = `{"name": "${only.name}", "${argumentsKey}": `;
  return { described, forced: { prompt: open + written, written, form: held(schemaOf(only)) } };
}

function held(schema: object): AnswerForm {
  return { kind: 'json-schema', schema: JSON.stringify(schema) };
}

function openerOf(format: Exclude<ToolCallFormat, 'none'>): string {
  switch (format) {
    case 'hermes':
    case 'generic':
      return `${markupTexts.hermes.open}\n`;
    case 'mistral':
      return `${markupTexts.mistral.open}[`;
    case 'llama3':
      return '';
  }
}

function bothAtOnce(): ParleyError {
  const message =
    'This engine cannot hold an answer to a form and let the model call functions at the same time; ask for one of them.';
  return new ParleyError('unsupported', message, { param: 'format' });
}

/** Where a template knows no tools: the words by which the model is told of them, and how calls and results are shown. */
export function describedInText(
  messages: readonly ChatMessage[],
  functions: readonly FunctionTool[],
): readonly ChatMessage[] {
  const shown = messages.map(asText);
  if (functions.length === 0) return shown;
  const description = toolsText(functions);
  const at = shown.findIndex(({ role }) => role === 'system' || role === 'developer');
  const system = shown[at];
  if (system === undefined) return [{ role: 'system', content: description }, ...shown];
  return shown.with(at, { ...system, content: `${system.content}\n\n${description}` });
}

function toolsText(functions: readonly FunctionTool[]): string {
  const { open, close } = markupTexts.hermes;
  const list = functions.map((one) => JSON.stringify({ ...one, parameters: schemaOf(one) }));
  return [
    'You can ask for these functions to be run, one JSON description a line:',
    ...list,
    'To ask for one, write nothing but the call, in this form:',
    `${open}{"name": "the function's name", "arguments": {"an argument": "its value"}}${close}`,
    'Its result comes in the next message. Answer in plain words when no function helps.',
  ].join('\n');
}

function asText(message: ChatMessage): ChatMessage {
  const { role, content, toolCalls = [] } = message;
  if (role === 'tool') return { role: 'user', content: `<tool_response>\n${content}\n</tool_response>` };
  if (toolCalls.length === 0) return message;
  const { open, close } = markupTexts.hermes;
  const calls = toolCalls.map(
    ({ name, arguments: written }) =>
      `${open}{"name": ${JSON.stringify(name)}, "arguments": ${written}}${close}`,
  );
  return { role, content: [...(content === '' ? [] : [content]), ...calls].join('\n') };
}
