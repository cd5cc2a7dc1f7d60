import { gateway } from '@parley/contracts';
import { assertNever } from '@parley/kernel';
import { errorOfTurn } from '../../../domain/turn-outcome.ts';
import type { StartWait } from '../../../ports/call.ts';
import { answerCalls, systemFingerprint } from '../../../domain/turn.ts';
import type {
  FunctionCall,
  IncompleteReason,
  Item,
  ItemPlace,
  ItemStatus,
  LogEntry,
  Message,
  Speaker,
  TextPlace,
  Turn,
  TurnStatus,
} from '../../../domain/turn.ts';

const statuses: Readonly<Record<TurnStatus, gateway.Status>> = {
  in_progress: gateway.Status.STATUS_IN_PROGRESS,
  completed: gateway.Status.STATUS_COMPLETED,
  failed: gateway.Status.STATUS_FAILED,
  cancelled: gateway.Status.STATUS_CANCELLED,
  incomplete: gateway.Status.STATUS_INCOMPLETE,
};

const reasons: Readonly<Record<IncompleteReason, gateway.FinishReason>> = {
  max_output_tokens: gateway.FinishReason.FINISH_REASON_MAX_OUTPUT_TOKENS,
  deadline: gateway.FinishReason.FINISH_REASON_DEADLINE,
  owner_lost: gateway.FinishReason.FINISH_REASON_OWNER_LOST,
  model_lost: gateway.FinishReason.FINISH_REASON_MODEL_LOST,
};

const roles: Readonly<Record<Speaker, gateway.Role>> = {
  system: gateway.Role.ROLE_SYSTEM,
  developer: gateway.Role.ROLE_DEVELOPER,
  user: gateway.Role.ROLE_USER,
  assistant: gateway.Role.ROLE_ASSISTANT,
  tool: gateway.Role.ROLE_TOOL,
};

const itemStatuses: Readonly<Record<ItemStatus, gateway.ItemStatus>> = {
  in_progress: gateway.ItemStatus.ITEM_STATUS_IN_PROGRESS,
  completed: gateway.ItemStatus.ITEM_STATUS_COMPLETED,
  incomplete: gateway.ItemStatus.ITEM_STATUS_INCOMPLETE,
};

/** A log entry as the public event under the same number. */
export function eventMessage(entry: LogEntry, responseId: string): gateway.ResponseEvent {
  return { sequence: entry.sequence, responseId, event: eventOf(entry) };
}

/** That there is no entry yet, and why. */
export function waitingMessage({ stage, estimateMs }: StartWait): gateway.ResponseEvent {
  return { sequence: 0, responseId: '', event: { $case: 'waiting', waiting: { stage, estimateMs } } };
}

function eventOf(entry: LogEntry): gateway.ResponseEvent['event'] {
  switch (entry.kind) {
    case 'turn_created':
      return { $case: 'created', created: responseMessage(entry.turn) };
    case 'turn_started':
      return { $case: 'started', started: responseMessage(entry.turn) };
    case 'turn_ended':
      return { $case: 'finished', finished: responseMessage(entry.turn) };
    case 'item_added':
      return { $case: 'itemAdded', itemAdded: itemOf(entry) };
    case 'item_done':
      return { $case: 'itemDone', itemDone: itemOf(entry) };
    case 'part_added':
      return { $case: 'partAdded', partAdded: placeOf(entry) };
    case 'part_done':
      return { $case: 'partDone', partDone: { ...placeOf(entry), text: entry.text } };
    case 'text_delta':
      return { $case: 'textDelta', textDelta: { ...placeOf(entry), text: entry.text } };
    case 'text_done':
      return { $case: 'textDone', textDone: { ...placeOf(entry), text: entry.text } };
    case 'arguments_delta':
      return { $case: 'argumentsDelta', argumentsDelta: argumentsOf(entry) };
    case 'arguments_done':
      return { $case: 'argumentsDone', argumentsDone: argumentsOf(entry) };
    default:
      return assertNever(entry);
  }
}

/** A turn as the public Response. */
export function responseMessage(turn: Turn): gateway.Response {
  return {
    id: turn.id,
    status: statuses[turn.status],
    finishReason: finishReasonOf(turn),
    createdAt: new Date(turn.createdAtMs),
    endedAt: turn.endedAtMs === undefined ? undefined : new Date(turn.endedAtMs),
    model: turn.model?.name ?? '',
    systemFingerprint: systemFingerprint(turn) ?? '',
    output: turn.output.filter((item) => item.type === 'message').map(outputOf),
    functionCalls: answerCalls(turn).map(callOf),
    usage: turn.usage,
    error: turn.status === 'failed' ? errorOf(turn) : undefined,
    store: turn.store,
    previousResponseId: turn.previousTurnId,
    metadata: { ...turn.metadata },
  };
}

function finishReasonOf(turn: Turn): gateway.FinishReason {
  const { status, incompleteReason } = turn;
  switch (status) {
    case 'in_progress':
      return gateway.FinishReason.FINISH_REASON_UNSPECIFIED;
    case 'completed':
      return answerCalls(turn).length > 0
        ? gateway.FinishReason.FINISH_REASON_TOOL_CALLS
        : gateway.FinishReason.FINISH_REASON_STOP;
    case 'failed':
      return gateway.FinishReason.FINISH_REASON_ERROR;
    case 'cancelled':
      return gateway.FinishReason.FINISH_REASON_CANCELLED;
    case 'incomplete':
      return reasons[incompleteReason ?? 'owner_lost'];
    default:
      return assertNever(status);
  }
}

function errorOf(turn: Turn): gateway.ErrorDetail {
  const { code, message, param = '', retryable, retryAfterMs = 0 } = errorOfTurn(turn.error);
  return { code, message, param, retryable, retryAfterMs };
}

function itemOf({ outputIndex, item }: { outputIndex: number; item: Item }): gateway.Item {
  return {
    outputIndex,
    message: item.type === 'message' ? outputOf(item) : undefined,
    functionCall: item.type === 'function_call' ? callOf(item) : undefined,
  };
}

function callOf({ id, callId, name, arguments: written, status }: FunctionCall): gateway.FunctionCall {
  return { id, callId, name, arguments: written, status: itemStatuses[status] };
}

function argumentsOf(entry: ItemPlace & { readonly text: string }): gateway.Arguments {
  return { outputIndex: entry.outputIndex, itemId: entry.itemId, text: entry.text };
}

function outputOf({ id, role, texts, status }: Message): gateway.OutputMessage {
  return { id, role: roles[role], texts: [...texts], status: itemStatuses[status] };
}

function placeOf({ outputIndex, itemId, contentIndex }: TextPlace): gateway.TextPlace {
  return { outputIndex, itemId, contentIndex };
}
