import { common, inference } from '@parley/contracts';
import { ParleyError } from '@parley/kernel';
import type { AnswerUpdate } from '../../../domain/answers/answers.ts';
import type { RequestedSampling } from '../../../domain/answers/call-profile.ts';
import type { AnswerRequest } from '../../../domain/answers/check-answer-request.ts';
import type {
  AnswerForm,
  ChatMessage,
  ChatRole,
  EndReason,
  EngineAbilities,
  RequestTools,
} from '../../../ports/engine.ts';

const roles: Readonly<Partial<Record<common.Role, ChatRole>>> = {
  [common.Role.ROLE_SYSTEM]: 'system',
  [common.Role.ROLE_DEVELOPER]: 'developer',
  [common.Role.ROLE_USER]: 'user',
  [common.Role.ROLE_ASSISTANT]: 'assistant',
  [common.Role.ROLE_TOOL]: 'tool',
};

const reasons: Readonly<Record<EndReason, common.FinishReason>> = {
  stop: common.FinishReason.FINISH_REASON_STOP,
  length: common.FinishReason.FINISH_REASON_LENGTH,
  deadline: common.FinishReason.FINISH_REASON_DEADLINE,
  'tool-calls': common.FinishReason.FINISH_REASON_TOOL_CALLS,
};

const continueSupport: Readonly<Record<EngineAbilities['continueSupport'], inference.ContinueSupport>> = {
  none: inference.ContinueSupport.CONTINUE_SUPPORT_NONE,
  text: inference.ContinueSupport.CONTINUE_SUPPORT_TEXT,
  exact: inference.ContinueSupport.CONTINUE_SUPPORT_EXACT,
};

/** @throws ParleyError `invalid_request` for a role or content that this version does not know. */
export function chatMessages(messages: readonly common.Message[]): ChatMessage[] {
  return messages.map(({ role, content, name, toolCalls, toolCallId }, index) => {
    const known = roles[role];
    const param = `messages[${index}]`;
    if (known === undefined)
      throw new ParleyError('invalid_request', `${param}.role is not known.`, { param: `${param}.role` });
    const texts = content.map(({ part }, place) => {
      if (part?.$case === 'text') return part.text;
      const field = `${param}.content[${place}]`;
      throw new ParleyError('unsupported', `${field} is not text, the only content this model takes.`, {
        param: field,
      });
    });
    return {
      role: known,
      content: texts.join(''),
      ...(name === '' ? {} : { name }),
      ...(toolCalls.length === 0 ? {} : { toolCalls }),
      ...(toolCallId === '' ? {} : { toolCallId }),
    };
  });
}

/** @throws ParleyError `invalid_request` for messages that cannot be read. */
export function answerRequest(request: inference.GenerateRequest): AnswerRequest {
  return {
    digest: request.digest,
    messages: chatMessages(request.messages),
    sampling: requestedSampling(request.sampling),
    form: answerForm(request.format),
    ...withTools(request.tools),
    maxOutputTokens: request.maxOutputTokens,
    stop: request.stop,
    priority: request.priority,
    cache: {
      own: request.cacheScope,
      shared: request.sharedScope,
      sharedTokens: request.sharedPrefixTokens,
    },
    continues: request.continueFrom !== undefined,
  };
}

/** Functions as an engine takes them; nothing where there are none. */
export function withTools(tools: common.Tools | undefined): { readonly tools?: RequestTools } {
  if (tools === undefined || tools.functions.length === 0) return {};
  const { functions, singleCall } = tools;
  return { tools: { functions, choice: toolChoice(tools), single: singleCall } };
}

function toolChoice({ choice, chosen }: common.Tools): RequestTools['choice'] {
  switch (choice) {
    case common.ToolChoice.TOOL_CHOICE_UNSPECIFIED:
    case common.ToolChoice.UNRECOGNIZED:
      return 'auto';
    case common.ToolChoice.TOOL_CHOICE_NONE:
      return 'none';
    case common.ToolChoice.TOOL_CHOICE_REQUIRED:
      return 'required';
    case common.ToolChoice.TOOL_CHOICE_FUNCTION:
      return { name: chosen };
  }
}

function requestedSampling(sampling: common.Sampling | undefined): RequestedSampling {
  if (sampling === undefined) return {};
  const { logitBias, seed, ...rest } = sampling;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const biases = Object.entries(logitBias).map(([token, bias]) => [Number(token), bias] as const);
  return {
    ...given,
    // Seeds are 64 bits on the wire; the sampler takes the lower half.
    ...(seed === undefined ? {} : { seed: Number(BigInt.asUintN(32, BigInt(seed))) }),
    ...(biases.length === 0 ? {} : { logitBias: biases }),
  };
}

function answerForm(format: common.OutputFormat | undefined): AnswerForm {
  const form = format?.form;
  switch (form?.$case) {
    case undefined:
      return { kind: 'text' };
    case 'jsonObject':
      return { kind: 'json-object' };
    case 'jsonSchema':
      return { kind: 'json-schema', schema: form.jsonSchema.schema };
    case 'grammar':
      return { kind: 'gbnf', grammar: form.grammar.gbnf };
  }
}

/** One update as it goes over the wire. */
export function updateMessage(update: AnswerUpdate): inference.GenerateUpdate {
  switch (update.type) {
    case 'progress': {
      const { stage, estimateMs } = update;
      return { update: { $case: 'progress', progress: { stage, estimateMs } } };
    }
    case 'started':
      return {
        update: { $case: 'started', started: { model: update.model, inputTokens: update.inputTokens } },
      };
    case 'chunk':
      return { update: { $case: 'chunk', chunk: { text: update.text, tokenIds: [...update.tokenIds] } } };
    case 'tool-call': {
      const { index, id, name, arguments: written, tokenIds } = update;
      const toolCall = { index, id, name, arguments: written, tokenIds: [...tokenIds] };
      return { update: { $case: 'toolCall', toolCall } };
    }
    case 'finished': {
      const { reason, inputTokens, outputTokens, cachedTokens, timings } = update;
      const usage = { inputTokens, outputTokens, cachedInputTokens: cachedTokens };
      return { update: { $case: 'finished', finished: { reason: reasons[reason], usage, timings } } };
    }
  }
}

/** What a model can do, as it goes over the wire. */
export function abilitiesMessage(abilities: EngineAbilities): inference.ModelAbilities {
  return { ...abilities, continueSupport: continueSupport[abilities.continueSupport] };
}
