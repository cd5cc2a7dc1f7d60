import type { MessageInitShape } from '@bufbuild/protobuf';
import { commonEvents, turnEventTypes } from '@parley/contracts';
import type { TurnEventType } from '@parley/contracts';
import type { EndedStatus, FinishReason, OutputFormat, Sampling, Speaker } from '../../domain/turn.ts';

/** The type of event that ends a turn in that way. */
export const terminalTypes: Readonly<Record<EndedStatus, TurnEventType>> = {
  completed: turnEventTypes.completed,
  failed: turnEventTypes.failed,
  cancelled: turnEventTypes.cancelled,
  incomplete: turnEventTypes.incomplete,
};

export const roles: Readonly<Record<Speaker, commonEvents.Role>> = {
  system: commonEvents.Role.SYSTEM,
  developer: commonEvents.Role.DEVELOPER,
  user: commonEvents.Role.USER,
  assistant: commonEvents.Role.ASSISTANT,
  tool: commonEvents.Role.TOOL,
};

export const finishReasons: Readonly<Record<FinishReason, commonEvents.FinishReason>> = {
  stop: commonEvents.FinishReason.STOP,
  length: commonEvents.FinishReason.LENGTH,
  deadline: commonEvents.FinishReason.DEADLINE,
  cancelled: commonEvents.FinishReason.CANCELLED,
};

/** The word of a table that stands for a value; undefined for one that this version does not know. */
export function wordOf<Word extends string, Value>(
  table: Readonly<Record<Word, Value>>,
  value: Value,
): Word | undefined {
  return (Object.keys(table) as Word[]).find((word) => table[word] === value);
}

export function formatOf(
  format: OutputFormat,
): NonNullable<MessageInitShape<typeof commonEvents.OutputFormatSchema>['form']> {
  switch (format.type) {
    case 'text':
      return { case: undefined };
    case 'json_object':
      return { case: 'jsonObject', value: {} };
    case 'json_schema':
      return { case: 'jsonSchema', value: { name: format.name, schema: format.schema } };
  }
}

/** The other way round; what this version does not know is free text. */
export function readFormat(format: commonEvents.OutputFormat | undefined): OutputFormat {
  switch (format?.form.case) {
    case undefined:
      return { type: 'text' };
    case 'jsonObject':
      return { type: 'json_object' };
    case 'jsonSchema':
      return { type: 'json_schema', name: format.form.value.name, schema: format.form.value.schema };
  }
}

/** Sampling as a turn keeps it. */
export function readSampling(sampling: commonEvents.Sampling | undefined): Sampling {
  if (sampling === undefined) return { logitBias: {} };
  const { $typeName: _name, $unknown: _unknown, seed, logitBias, ...rest } = sampling;
  return { ...rest, logitBias: { ...logitBias }, ...(seed === undefined ? {} : { seed: Number(seed) }) };
}
