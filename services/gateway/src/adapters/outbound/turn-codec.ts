import { common, dialogue } from '@parley/contracts';
import { ParleyError } from '@parley/kernel';
import type {
  IncompleteReason,
  Item,
  ItemStatus,
  LogEntry,
  Message,
  OutputFormat,
  Sampling,
  Speaker,
  Tools,
  Turn,
  TurnStatus,
} from '../../domain/turn.ts';

const speakers: Readonly<Record<common.Role, Speaker>> = {
  [common.Role.ROLE_UNSPECIFIED]: 'user',
  [common.Role.UNRECOGNIZED]: 'user',
  [common.Role.ROLE_SYSTEM]: 'system',
  [common.Role.ROLE_DEVELOPER]: 'developer',
  [common.Role.ROLE_USER]: 'user',
  [common.Role.ROLE_ASSISTANT]: 'assistant',
  [common.Role.ROLE_TOOL]: 'tool',
};

const itemStatuses: Readonly<Record<dialogue.ItemStatus, ItemStatus>> = {
  [dialogue.ItemStatus.ITEM_STATUS_UNSPECIFIED]: 'completed',
  [dialogue.ItemStatus.UNRECOGNIZED]: 'completed',
  [dialogue.ItemStatus.ITEM_STATUS_IN_PROGRESS]: 'in_progress',
  [dialogue.ItemStatus.ITEM_STATUS_COMPLETED]: 'completed',
  [dialogue.ItemStatus.ITEM_STATUS_INCOMPLETE]: 'incomplete',
};

const turnStatuses: Readonly<Record<dialogue.TurnStatus, TurnStatus>> = {
  [dialogue.TurnStatus.TURN_STATUS_UNSPECIFIED]: 'in_progress',
  [dialogue.TurnStatus.UNRECOGNIZED]: 'in_progress',
  [dialogue.TurnStatus.TURN_STATUS_IN_PROGRESS]: 'in_progress',
  [dialogue.TurnStatus.TURN_STATUS_COMPLETED]: 'completed',
  [dialogue.TurnStatus.TURN_STATUS_FAILED]: 'failed',
  [dialogue.TurnStatus.TURN_STATUS_CANCELLED]: 'cancelled',
  [dialogue.TurnStatus.TURN_STATUS_INCOMPLETE]: 'incomplete',
};

/** A reason this version does not know reads as the loss of the turn's owner: incomplete, through nobody's wish. */
const incompleteReasons: Readonly<Record<dialogue.IncompleteReason, IncompleteReason | undefined>> = {
  [dialogue.IncompleteReason.INCOMPLETE_REASON_UNSPECIFIED]: undefined,
  [dialogue.IncompleteReason.UNRECOGNIZED]: 'owner_lost',
  [dialogue.IncompleteReason.INCOMPLETE_REASON_MAX_OUTPUT_TOKENS]: 'max_output_tokens',
  [dialogue.IncompleteReason.INCOMPLETE_REASON_DEADLINE]: 'deadline',
  [dialogue.IncompleteReason.INCOMPLETE_REASON_OWNER_LOST]: 'owner_lost',
  [dialogue.IncompleteReason.INCOMPLETE_REASON_MODEL_LOST]: 'model_lost',
};

/** A turn as dialogue tells it. @throws ParleyError `internal` when the message lacks it */
export function fromTurn(turn: dialogue.Turn | undefined): Turn {
  if (turn === undefined) throw new ParleyError('internal', 'Dialogue sent an entry without its turn.');
  return {
    id: turn.id,
    status: turnStatuses[turn.status],
    createdAtMs: turn.createdAt?.getTime() ?? 0,
    endedAtMs: turn.endedAt?.getTime(),
    model: turn.model,
    input: turn.input.map(fromItem),
    output: turn.output.map(fromItem),
    instructions: turn.instructions,
    previousTurnId: turn.previousTurnId,
    store: turn.store,
    sampling: fromSampling(turn.sampling),
    format: fromFormat(turn.format),
    tools: fromTools(turn.tools),
    maxOutputTokens: turn.maxOutputTokens,
    metadata: turn.metadata,
    usage: turn.usage,
    incompleteReason: incompleteReasons[turn.incompleteReason],
    error: turn.error,
    assistant: turn.assistant,
    keyed: turn.keyed,
  };
}

/** An entry of a turn's log; undefined for a kind this version does not know, which it passes over. */
export function fromLogEntry({ sequence, entry }: dialogue.LogEntry): LogEntry | undefined {
  switch (entry?.$case) {
    case 'turnCreated':
      return { sequence, kind: 'turn_created', turn: fromTurn(entry.turnCreated.turn) };
    case 'turnStarted':
      return { sequence, kind: 'turn_started', turn: fromTurn(entry.turnStarted.turn) };
    case 'turnEnded':
      return { sequence, kind: 'turn_ended', turn: fromTurn(entry.turnEnded.turn) };
    case 'itemAdded':
      return {
        sequence,
        kind: 'item_added',
        outputIndex: entry.itemAdded.outputIndex,
        item: fromItem(entry.itemAdded.item),
      };
    case 'itemDone':
      return {
        sequence,
        kind: 'item_done',
        outputIndex: entry.itemDone.outputIndex,
        item: fromItem(entry.itemDone.item),
      };
    case 'partAdded':
      return { sequence, kind: 'part_added', ...entry.partAdded };
    case 'partDone':
      return { sequence, kind: 'part_done', ...entry.partDone };
    case 'textDelta':
      return { sequence, kind: 'text_delta', ...entry.textDelta };
    case 'textDone':
      return { sequence, kind: 'text_done', ...entry.textDone };
    case 'argumentsDelta':
      return { sequence, kind: 'arguments_delta', ...entry.argumentsDelta };
    case 'argumentsDone':
      return { sequence, kind: 'arguments_done', ...entry.argumentsDone };
    case undefined:
      return undefined;
  }
}

function fromItem(item: dialogue.Item | undefined): Item {
  if (item?.item === undefined) throw new ParleyError('internal', 'Dialogue sent an item without content.');
  const { id } = item;
  switch (item.item.$case) {
    case 'message':
      return fromMessage(id, item.item.message);
    case 'functionCall': {
      const { callId, name, arguments: written, status } = item.item.functionCall;
      return { type: 'function_call', id, callId, name, arguments: written, status: itemStatuses[status] };
    }
    case 'functionOutput':
      return { type: 'function_output', id, ...item.item.functionOutput };
  }
}

function fromMessage(id: string, { role, content, status, name }: dialogue.MessageItem): Message {
  return {
    type: 'message',
    id,
    role: speakers[role],
    texts: content.map((part) => part.part?.text ?? ''),
    status: itemStatuses[status],
    name,
  };
}

const toolChoices: Readonly<Record<common.ToolChoice, Tools['choice']>> = {
  [common.ToolChoice.TOOL_CHOICE_UNSPECIFIED]: 'auto',
  [common.ToolChoice.UNRECOGNIZED]: 'auto',
  [common.ToolChoice.TOOL_CHOICE_NONE]: 'none',
  [common.ToolChoice.TOOL_CHOICE_REQUIRED]: 'required',
  [common.ToolChoice.TOOL_CHOICE_FUNCTION]: 'function',
};

function fromTools(tools: common.Tools | undefined): Tools | undefined {
  if (tools === undefined) return undefined;
  const { functions, choice, chosen, singleCall } = tools;
  return { functions, choice: toolChoices[choice], chosen, single: singleCall };
}

function fromSampling(sampling: common.Sampling | undefined): Sampling {
  return sampling ?? { logitBias: {} };
}

function fromFormat(format: common.OutputFormat | undefined): OutputFormat {
  switch (format?.form?.$case) {
    case 'jsonObject':
      return { kind: 'json_object' };
    case 'jsonSchema':
      return { kind: 'json_schema', ...format.form.jsonSchema };
    case 'grammar':
      return { kind: 'grammar', grammar: format.form.grammar.gbnf };
    case undefined:
      return { kind: 'text' };
  }
}
