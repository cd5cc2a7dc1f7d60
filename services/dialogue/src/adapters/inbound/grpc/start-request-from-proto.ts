import type { dialogue } from '@parley/contracts';
import { ParleyError, newPublicId } from '@parley/kernel';
import type { StartRequest } from '../../../domain/start/start-request.ts';
import type { Item } from '../../../domain/turn/turn.ts';
import { fromProtoFormat, fromProtoRole, fromProtoSampling, fromProtoTools } from '../../proto-values.ts';

/** @throws ParleyError `invalid_request` when an item is nothing this version can read. */
export function startRequestFromProto(request: dialogue.StartTurnRequest): StartRequest {
  return {
    model: request.model,
    input: request.input.map(itemFromProto),
    instructions: request.instructions,
    previousTurnId: request.previousTurnId,
    store: request.store,
    sampling: fromProtoSampling(request.sampling),
    format: fromProtoFormat(request.format),
    tools: fromProtoTools(request.tools),
    maxOutputTokens: request.maxOutputTokens,
    stop: request.stop,
    metadata: request.metadata,
    firstTokenTimeoutMs: request.firstTokenTimeoutMs,
    totalTimeoutMs: request.totalTimeoutMs,
    endUser: request.endUser,
    languages: request.languages,
  };
}

function itemFromProto(item: dialogue.Item, index: number): Item {
  if (item.item === undefined)
    throw invalid(`input[${index}]`, 'is empty or of a kind that is not known here');
  switch (item.item.$case) {
    case 'message':
      return messageFromProto(item.id, item.item.message, index);
    case 'functionCall':
      return callFromProto(item.id, item.item.functionCall, index);
    case 'functionOutput': {
      const { callId, output } = item.item.functionOutput;
      if (callId === '') throw invalid(`input[${index}].call_id`, 'is empty');
      const content = [{ type: 'text', text: output } as const];
      const id = item.id === '' ? newPublicId('fco') : item.id;
      return { id, type: 'function_output', role: 'tool', callId, content, status: 'completed', name: '' };
    }
  }
}

function callFromProto(given: string, call: dialogue.FunctionCallItem, index: number): Item {
  const { callId, name, arguments: written } = call;
  if (callId === '') throw invalid(`input[${index}].call_id`, 'is empty');
  if (name === '') throw invalid(`input[${index}].name`, 'is empty');
  const id = given === '' ? newPublicId('fc') : given;
  const said = { callId, name, arguments: written };
  return { id, type: 'function_call', role: 'assistant', ...said, content: [], status: 'completed' };
}

function messageFromProto(given: string, message: dialogue.MessageItem, index: number): Item {
  const role = fromProtoRole(message.role);
  if (role === undefined) throw invalid(`input[${index}].role`, 'is not a role');
  const content = message.content.map(({ part }, place) => {
    if (part === undefined)
      throw invalid(`input[${index}].content[${place}]`, 'is of a kind that is not known here');
    return { type: 'text', text: part.text } as const;
  });
  const id = given === '' ? newPublicId('msg') : given;
  return { id, type: 'message', role, content, status: 'completed', name: message.name };
}

function invalid(param: string, what: string): ParleyError {
  return new ParleyError('invalid_request', `${param} ${what}.`, { param });
}
