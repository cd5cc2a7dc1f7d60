import type { dialogue } from '@parley/contracts';
import { ParleyError, newPublicId } from '@parley/kernel';
import type { StartRequest } from '../../../domain/start-request.ts';
import type { Item } from '../../../domain/turn.ts';
import { fromProtoFormat, fromProtoRole, fromProtoSampling } from '../../proto-values.ts';

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
  const { message } = item.item;
  const role = fromProtoRole(message.role);
  if (role === undefined) throw invalid(`input[${index}].role`, 'is not a role');
  const content = message.content.map(({ part }, place) => {
    if (part === undefined)
      throw invalid(`input[${index}].content[${place}]`, 'is of a kind that is not known here');
    return { type: 'text', text: part.text } as const;
  });
  const id = item.id === '' ? newPublicId('msg') : item.id;
  return { id, type: 'message', role, content, status: 'completed', name: message.name };
}

function invalid(param: string, what: string): ParleyError {
  return new ParleyError('invalid_request', `${param} ${what}.`, { param });
}
