import type { MessageInitShape } from '@bufbuild/protobuf';
import { commonEvents, turnEventTypes } from '@parley/contracts';
import type { TurnEventType } from '@parley/contracts';
import type {
  EndedStatus,
  FinishReason,
  OutputFormat,
  Sampling,
  Speaker,
  Tools,
} from '../../domain/turn/turn.ts';

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
  tool_calls: commonEvents.FinishReason.TOOL_CALLS,
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
    case 'grammar':
      return { case: 'grammar', value: { gbnf: format.grammar } };
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
    case 'grammar':
      return { type: 'grammar', grammar: format.form.value.gbnf };
  }
}

const toolChoices: Readonly<Record<Tools['choice'], commonEvents.ToolChoice>> = {
  auto: commonEvents.ToolChoice.UNSPECIFIED,
  none: commonEvents.ToolChoice.NONE,
  required: commonEvents.ToolChoice.REQUIRED,
  function: commonEvents.ToolChoice.FUNCTION,
};

export function toolsOf({
  functions,
  choice,
  chosen,
  single,
}: Tools): MessageInitShape<typeof commonEvents.ToolsSchema> {
  return { functions: [...functions], choice: toolChoices[choice], chosen, singleCall: single };
}

/** The other way round; a choice that this version does not know is the model's own. */
export function readTools(tools: commonEvents.Tools | undefined): Tools | undefined {
  if (tools === undefined) return undefined;
  const functions = tools.functions.map(({ name, description, parameters }) => ({
    name,
    description,
    parameters,
  }));
  const choice = wordOf(toolChoices, tools.choice) ?? 'auto';
  return { functions, choice, chosen: tools.chosen, single: tools.singleCall };
}

/** Sampling as a turn keeps it. */
export function readSampling(sampling: commonEvents.Sampling | undefined): Sampling {
  if (sampling === undefined) return { logitBias: {} };
  const { $typeName: _name, $unknown: _unknown, seed, logitBias, ...rest } = sampling;
  return { ...rest, logitBias: { ...logitBias }, ...(seed === undefined ? {} : { seed: Number(seed) }) };
}
