import { dialogue } from '@parley/contracts';
import type { common } from '@parley/contracts';
import type {
  IncompleteReason,
  Item,
  ItemStatus,
  Turn,
  TurnError,
  TurnStatus,
} from '../../../domain/turn/turn.ts';
import { textOf } from '../../../domain/turn/turn.ts';
import {
  toProtoFinishReason,
  toProtoFormat,
  toProtoRole,
  toProtoSampling,
  toProtoTools,
} from '../../proto-values.ts';

const statuses: Readonly<Record<TurnStatus, dialogue.TurnStatus>> = {
  in_progress: dialogue.TurnStatus.TURN_STATUS_IN_PROGRESS,
  completed: dialogue.TurnStatus.TURN_STATUS_COMPLETED,
  failed: dialogue.TurnStatus.TURN_STATUS_FAILED,
  cancelled: dialogue.TurnStatus.TURN_STATUS_CANCELLED,
  incomplete: dialogue.TurnStatus.TURN_STATUS_INCOMPLETE,
};

const reasons: Readonly<Record<IncompleteReason, dialogue.IncompleteReason>> = {
  max_output_tokens: dialogue.IncompleteReason.INCOMPLETE_REASON_MAX_OUTPUT_TOKENS,
  deadline: dialogue.IncompleteReason.INCOMPLETE_REASON_DEADLINE,
  owner_lost: dialogue.IncompleteReason.INCOMPLETE_REASON_OWNER_LOST,
  model_lost: dialogue.IncompleteReason.INCOMPLETE_REASON_MODEL_LOST,
};

const itemStatuses: Readonly<Record<ItemStatus, dialogue.ItemStatus>> = {
  in_progress: dialogue.ItemStatus.ITEM_STATUS_IN_PROGRESS,
  completed: dialogue.ItemStatus.ITEM_STATUS_COMPLETED,
  incomplete: dialogue.ItemStatus.ITEM_STATUS_INCOMPLETE,
};

export function turnToProto(turn: Turn): dialogue.Turn {
  return {
    id: turn.id,
    status: statuses[turn.status],
    createdAt: new Date(turn.createdAtMs),
    endedAt: turn.endedAtMs === undefined ? undefined : new Date(turn.endedAtMs),
    model: turn.model,
    input: turn.input.map(itemToProto),
    output: turn.output.map(itemToProto),
    instructions: turn.instructions,
    previousTurnId: turn.previousTurnId,
    store: turn.store,
    sampling: toProtoSampling(turn.sampling),
    format: toProtoFormat(turn.format),
    tools: toProtoTools(turn.tools),
    maxOutputTokens: turn.maxOutputTokens,
    metadata: turn.metadata,
    usage: turn.usage,
    timings: turn.timings,
    finishReason: toProtoFinishReason(turn.finishReason),
    incompleteReason:
      turn.incompleteReason === undefined
        ? dialogue.IncompleteReason.INCOMPLETE_REASON_UNSPECIFIED
        : reasons[turn.incompleteReason],
    error: turn.error === undefined ? undefined : errorToProto(turn.error),
    assistant: turn.assistant,
    keyed: turn.claim !== undefined,
  };
}

export function itemToProto(item: Item): dialogue.Item {
  if (item.type === 'function_call') {
    const { callId, name, arguments: written, status } = item;
    const functionCall = { callId, name, arguments: written, status: itemStatuses[status] };
    return { id: item.id, item: { $case: 'functionCall', functionCall } };
  }
  if (item.type === 'function_output') {
    const functionOutput = { callId: item.callId, output: textOf(item) };
    return { id: item.id, item: { $case: 'functionOutput', functionOutput } };
  }
  const content = item.content.map((part) => ({ part: { $case: 'text', text: part.text } as const }));
  const message = {
    role: toProtoRole(item.role),
    content,
    status: itemStatuses[item.status],
    name: item.name,
  };
  return { id: item.id, item: { $case: 'message', message } };
}

function errorToProto(error: TurnError): common.ErrorDetail {
  const { code, message, param, retryable, retryAfterMs } = error;
  return { code, message, param: param ?? '', retryable, retryAfterMs: retryAfterMs ?? 0 };
}
