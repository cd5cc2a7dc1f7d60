import { common, dialogue } from '@parley/contracts';
import type { Item, Message, OutputFormat, Sampling, Speaker, StartTurn, Tools } from '../../domain/turn.ts';
import type { IdempotencyKey } from '../../ports/call.ts';

/** How long dialogue may take, in milliseconds. */
export interface TurnTimeouts {
  readonly firstTokenTimeoutMs: number;
  readonly turnTimeoutMs: number;
}

/** Speakers as the wire names them. */
export const roles: Readonly<Record<Speaker, common.Role>> = {
  system: common.Role.ROLE_SYSTEM,
  developer: common.Role.ROLE_DEVELOPER,
  user: common.Role.ROLE_USER,
  assistant: common.Role.ROLE_ASSISTANT,
  tool: common.Role.ROLE_TOOL,
};

/** The command as dialogue reads it. */
export function toStartTurnRequest(
  command: StartTurn,
  timeouts: TurnTimeouts,
  idempotency?: IdempotencyKey,
): dialogue.StartTurnRequest {
  const totalTimeoutMs = Math.min(timeouts.turnTimeoutMs, command.timeoutMs ?? timeouts.turnTimeoutMs);
  return {
    model: command.model,
    input: command.input.map(toItem),
    instructions: command.instructions,
    previousTurnId: command.previousTurnId,
    store: command.store,
    sampling: toSampling(command.sampling),
    format: toFormat(command.format),
    tools: toTools(command.tools),
    maxOutputTokens: command.maxOutputTokens,
    stop: [...command.stop],
    metadata: { ...command.metadata },
    firstTokenTimeoutMs: Math.min(timeouts.firstTokenTimeoutMs, totalTimeoutMs),
    totalTimeoutMs,
    endUser: command.endUser,
    deltas: command.deltas,
    languages: command.languages,
    idempotency,
  };
}

const toolChoices: Readonly<Record<Tools['choice'], common.ToolChoice>> = {
  auto: common.ToolChoice.TOOL_CHOICE_UNSPECIFIED,
  none: common.ToolChoice.TOOL_CHOICE_NONE,
  required: common.ToolChoice.TOOL_CHOICE_REQUIRED,
  function: common.ToolChoice.TOOL_CHOICE_FUNCTION,
};

export function toTools(tools: Tools | undefined): common.Tools | undefined {
  if (tools === undefined) return undefined;
  const { functions, choice, chosen, single } = tools;
  return { functions: [...functions], choice: toolChoices[choice], chosen, singleCall: single };
}

function toItem(item: Item): dialogue.Item {
  const { id } = item;
  switch (item.type) {
    case 'message':
      return messageItem(item);
    case 'function_call': {
      const { callId, name, arguments: written } = item;
      const status = dialogue.ItemStatus.ITEM_STATUS_COMPLETED;
      return {
        id,
        item: { $case: 'functionCall', functionCall: { callId, name, arguments: written, status } },
      };
    }
    case 'function_output': {
      const { callId, output } = item;
      return { id, item: { $case: 'functionOutput', functionOutput: { callId, output } } };
    }
  }
}

function messageItem(message: Message): dialogue.Item {
  return {
    id: message.id,
    item: {
      $case: 'message',
      message: {
        role: roles[message.role],
        content: message.texts.map((text) => ({ part: { $case: 'text', text } })),
        status: dialogue.ItemStatus.ITEM_STATUS_COMPLETED,
        name: message.name,
      },
    },
  };
}

function toSampling(sampling: Sampling): common.Sampling {
  const { temperature, topP, frequencyPenalty, presencePenalty, seed, logitBias } = sampling;
  return { temperature, topP, frequencyPenalty, presencePenalty, seed, logitBias: { ...logitBias } };
}

function toFormat(format: OutputFormat): common.OutputFormat {
  switch (format.kind) {
    case 'text':
      return { form: undefined };
    case 'json_object':
      return { form: { $case: 'jsonObject', jsonObject: {} } };
    case 'json_schema':
      return { form: { $case: 'jsonSchema', jsonSchema: { name: format.name, schema: format.schema } } };
    case 'grammar':
      return { form: { $case: 'grammar', grammar: { gbnf: format.grammar } } };
  }
}
