import { ParleyError } from '@parley/kernel';
import type { ChatMessage, RequestTools } from '../../../ports/engine.ts';
import type { RequestForm } from './request-form.ts';

/** A message as servers read it. */
export interface RemoteMessage {
  readonly role: ChatMessage['role'];
  /** null beside calls. */
  readonly content: string | null;
  readonly name?: string;
  readonly tool_calls?: readonly unknown[];
  readonly tool_call_id?: string;
}

/** @throws ParleyError `unsupported` for calls and results where the model calls no functions. */
export function remoteMessages(
  messages: readonly ChatMessage[],
  form: RequestForm,
): readonly RemoteMessage[] {
  const read = messages.map((message, index): ChatMessage => {
    const isOfTools = message.role === 'tool' || message.toolCalls !== undefined;
    if (isOfTools && !form.settings.abilities.tools) throw noTools(`messages[${index}].role`, form);
    return message.role === 'developer' ? { ...message, role: 'system' } : message;
  });
  return (form.systemRole ? read : withoutSystem(read)).map(remoteMessage);
}

function remoteMessage({ role, content, name, toolCalls, toolCallId }: ChatMessage): RemoteMessage {
  const calls = toolCalls?.map((call) => ({
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  }));
  return {
    role,
    content: calls !== undefined && content === '' ? null : content,
    ...(name === undefined ? {} : { name }),
    ...(calls === undefined ? {} : { tool_calls: calls }),
    ...(toolCallId === undefined ? {} : { tool_call_id: toolCallId }),
  };
}

function withoutSystem(messages: readonly ChatMessage[]): ChatMessage[] {
  const system = messages.filter(({ role }) => role === 'system').map(({ content }) => content);
  const rest = messages.filter(({ role }) => role !== 'system');
  if (system.length === 0) return rest;
  const at = rest.findIndex(({ role }) => role === 'user');
  const first = rest[at];
  const content = [...system, ...(first === undefined ? [] : [first.content])].join('\n\n');
  const told: ChatMessage = { role: 'user', content };
  return first === undefined ? [told, ...rest] : rest.with(at, told);
}

/** The same message as items of the Responses API. */
export function responseItems({
  role,
  content,
  toolCalls = [],
  toolCallId = '',
}: ChatMessage): readonly unknown[] {
  if (role === 'tool') return [{ type: 'function_call_output', call_id: toolCallId, output: content }];
  const calls = toolCalls.map((call) => ({
    type: 'function_call',
    call_id: call.id,
    name: call.name,
    arguments: call.arguments,
  }));
  return content === '' && calls.length > 0 ? calls : [{ role, content }, ...calls];
}

/** @throws ParleyError `unsupported` where the model calls no functions. */
export function toolFields(
  tools: RequestTools | undefined,
  form: RequestForm,
): Readonly<Record<string, unknown>> {
  if (tools === undefined) return {};
  if (!form.settings.abilities.tools) throw noTools('tools', form);
  return {
    ...chosenTools(tools, form),
    ...(tools.single ? { parallel_tool_calls: false } : {}),
  };
}

/** A server that heeds words only is told of the one function that it must call. */
function chosenTools(
  { functions, choice }: RequestTools,
  form: RequestForm,
): Readonly<Record<string, unknown>> {
  const { toolChoice } = form.dialect;
  if (choice === 'auto' || choice === 'none') return { tools: remoteTools(functions), tool_choice: choice };
  if (toolChoice === 'ignored') {
    const message = `${form.title} lets no caller force a call; leave "tool_choice" out, or send "auto".`;
    throw new ParleyError('unsupported', message, { param: 'tool_choice' });
  }
  if (choice === 'required') return { tools: remoteTools(functions), tool_choice: 'required' };
  const { name } = choice;
  if (toolChoice === 'named') {
    return { tools: remoteTools(functions), tool_choice: { type: 'function', function: { name } } };
  }
  return { tools: remoteTools(functions.filter((one) => one.name === name)), tool_choice: 'required' };
}

/** Functions as servers take them. */
export function remoteTools(functions: RequestTools['functions']): readonly unknown[] {
  return functions.map(({ name, description, parameters }) => ({
    type: 'function',
    function: {
      name,
      ...(description === '' ? {} : { description }),
      ...(parameters === '' ? {} : { parameters: JSON.parse(parameters) as unknown }),
    },
  }));
}

function noTools(param: string, { title }: RequestForm): ParleyError {
  const message = `${title} calls no functions, says its document (abilities: { tools: false }).`;
  return new ParleyError('unsupported', message, { param });
}
