import { common, dialogue } from '@parley/contracts';
import type { Message, OutputFormat, Sampling, Speaker, StartTurn } from '../../domain/turn.ts';
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

function toItem(message: Message): dialogue.Item {
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
  }
}
