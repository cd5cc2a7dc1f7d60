import { common } from '@parley/contracts';
import type { FinishReason, OutputFormat, Sampling, Speaker, Tools } from '../domain/turn/turn.ts';

/** Values that both edges of this service share: proto on the wire, plain words inside. */
const roleBySpeaker: Readonly<Record<Speaker, common.Role>> = {
  system: common.Role.ROLE_SYSTEM,
  developer: common.Role.ROLE_DEVELOPER,
  user: common.Role.ROLE_USER,
  assistant: common.Role.ROLE_ASSISTANT,
  tool: common.Role.ROLE_TOOL,
};

const speakerByRole = new Map<common.Role, Speaker>(
  Object.entries(roleBySpeaker).map(([speaker, role]) => [role, speaker as Speaker]),
);

const protoFinishReasons: Readonly<Record<FinishReason, common.FinishReason>> = {
  stop: common.FinishReason.FINISH_REASON_STOP,
  length: common.FinishReason.FINISH_REASON_LENGTH,
  deadline: common.FinishReason.FINISH_REASON_DEADLINE,
  cancelled: common.FinishReason.FINISH_REASON_CANCELLED,
  tool_calls: common.FinishReason.FINISH_REASON_TOOL_CALLS,
};

const finishReasons = new Map<common.FinishReason, FinishReason>(
  Object.entries(protoFinishReasons).map(([reason, proto]) => [proto, reason as FinishReason]),
);

const toolChoices: Readonly<Record<Tools['choice'], common.ToolChoice>> = {
  auto: common.ToolChoice.TOOL_CHOICE_UNSPECIFIED,
  none: common.ToolChoice.TOOL_CHOICE_NONE,
  required: common.ToolChoice.TOOL_CHOICE_REQUIRED,
  function: common.ToolChoice.TOOL_CHOICE_FUNCTION,
};

const choiceOfProto = new Map<common.ToolChoice, Tools['choice']>(
  Object.entries(toolChoices).map(([choice, proto]) => [proto, choice as Tools['choice']]),
);

export function toProtoTools(tools: Tools | undefined): common.Tools | undefined {
  if (tools === undefined) return undefined;
  const { functions, choice, chosen, single } = tools;
  return { functions: [...functions], choice: toolChoices[choice], chosen, singleCall: single };
}

/** A choice that this version does not know is the model's own. */
export function fromProtoTools(tools: common.Tools | undefined): Tools | undefined {
  if (tools === undefined) return undefined;
  const { functions, choice, chosen, singleCall } = tools;
  return { functions, choice: choiceOfProto.get(choice) ?? 'auto', chosen, single: singleCall };
}

export function toProtoRole(speaker: Speaker): common.Role {
  return roleBySpeaker[speaker];
}

/** Undefined for a role this version does not know. */
export function fromProtoRole(role: common.Role): Speaker | undefined {
  return speakerByRole.get(role);
}

export function toProtoFinishReason(reason: FinishReason | undefined): common.FinishReason {
  return reason === undefined ? common.FinishReason.FINISH_REASON_UNSPECIFIED : protoFinishReasons[reason];
}

/** Undefined for a reason this version does not know. */
export function fromProtoFinishReason(reason: common.FinishReason): FinishReason | undefined {
  return finishReasons.get(reason);
}

export function toProtoSampling(sampling: Sampling): common.Sampling {
  const { logitBias, ...rest } = sampling;
  const bias: Record<number, number> = {};
  for (const [token, value] of Object.entries(logitBias)) bias[Number(token)] = value;
  return { ...rest, logitBias: bias };
}

export function fromProtoSampling(sampling: common.Sampling | undefined): Sampling {
  return sampling ?? { logitBias: {} };
}

export function toProtoFormat(format: OutputFormat): common.OutputFormat | undefined {
  switch (format.type) {
    case 'text':
      return undefined;
    case 'json_object':
      return { form: { $case: 'jsonObject', jsonObject: {} } };
    case 'json_schema':
      return { form: { $case: 'jsonSchema', jsonSchema: { name: format.name, schema: format.schema } } };
    case 'grammar':
      return { form: { $case: 'grammar', grammar: { gbnf: format.grammar } } };
  }
}

export function fromProtoFormat(format: common.OutputFormat | undefined): OutputFormat {
  const form = format?.form;
  switch (form?.$case) {
    case undefined:
      return { type: 'text' };
    case 'jsonObject':
      return { type: 'json_object' };
    case 'jsonSchema':
      return { type: 'json_schema', name: form.jsonSchema.name, schema: form.jsonSchema.schema };
    case 'grammar':
      return { type: 'grammar', grammar: form.grammar.gbnf };
  }
}
