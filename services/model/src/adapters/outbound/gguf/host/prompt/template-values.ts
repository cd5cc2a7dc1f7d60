import { createHash } from 'node:crypto';
import type { ChatMessage, FunctionTool, ToolCall } from '../../../../../ports/engine.ts';
import type { StandIns } from './prompt-stand-ins.ts';
import { schemaOf } from './tool-schema.ts';

type Values = Readonly<Record<string, unknown>>;

/** Messages as chat templates read them: calls as objects, and results with the name of what was called. */
export function templateMessages(
  messages: readonly ChatMessage[],
  stand: StandIns,
  ids: 'as given' | 'short',
): Values[] {
  const idOf = ids === 'short' ? shortId : (id: string) => String(stand.putJson(id));
  const names = new Map(
    messages.flatMap(({ toolCalls = [] }) => toolCalls.map(({ id, name }) => [id, name] as const)),
  );
  return messages.map(({ role, content, name = '', toolCalls = [], toolCallId }) => {
    const known = name === '' && toolCallId !== undefined ? (names.get(toolCallId) ?? '') : name;
    return {
      role,
      content: stand.put(content),
      ...(known === '' ? {} : { name: stand.put(known) }),
      ...(toolCalls.length === 0
        ? {}
        : { tool_calls: toolCalls.map((call) => templateCall(call, stand, idOf)) }),
      ...(toolCallId === undefined ? {} : { tool_call_id: idOf(toolCallId) }),
    };
  });
}

/** Functions in the form in which models were shown them. */
export function templateTools(functions: readonly FunctionTool[], stand: StandIns): Values[] {
  return functions.map((one) => {
    const { name, description } = one;
    const parameters = stand.putJson(one.parameters === '' ? schemaOf(one) : JSON.parse(one.parameters));
    return { type: 'function', function: { name, description: stand.putJson(description), parameters } };
  });
}

function templateCall(
  { id, name, arguments: written }: ToolCall,
  stand: StandIns,
  idOf: (id: string) => string,
): Values {
  const given = stand.putJson(argumentsOf(written));
  return { id: idOf(id), type: 'function', function: { name: stand.putJson(name), arguments: given } };
}

/** Templates write arguments as JSON, so a text that is none is written as one. */
function argumentsOf(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    return written;
  }
}

/** Mistral's templates insist on nine letters and digits. */
function shortId(id: string): string {
  return /^[A-Za-z0-9]{9}$/.test(id) ? id : createHash('sha256').update(id).digest('hex').slice(0, 9);
}
