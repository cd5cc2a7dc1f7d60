import { common, inference } from '@parley/contracts';
import { ParleyError } from '@parley/kernel';
import type { AnswerUpdate } from '../../../domain/answers.ts';
import type { RequestedSampling } from '../../../domain/call-profile.ts';
import type { AnswerRequest } from '../../../domain/check-answer-request.ts';
import type { AnswerForm, ChatMessage, ChatRole, EndReason, EngineAbilities } from '../../../ports/engine.ts';

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
};

const continueSupport: Readonly<Record<EngineAbilities['continueSupport'], inference.ContinueSupport>> = {
  none: inference.ContinueSupport.CONTINUE_SUPPORT_NONE,
  text: inference.ContinueSupport.CONTINUE_SUPPORT_TEXT,
  exact: inference.ContinueSupport.CONTINUE_SUPPORT_EXACT,
};

/** @throws ParleyError `invalid_request` for a role or content that this version does not know. */
export function chatMessages(messages: readonly common.Message[]): ChatMessage[] {
  return messages.map(({ role, content, name }, index) => {
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
    return { role: known, content: texts.join(''), ...(name === '' ? {} : { name }) };
  });
}

/** @throws ParleyError `invalid_request` for messages that cannot be read. */
export function answerRequest(request: inference.GenerateRequest): AnswerRequest {
  return {
    digest: request.digest,
    messages: chatMessages(request.messages),
    sampling: requestedSampling(request.sampling),
    form: answerForm(request.format),
    maxOutputTokens: request.maxOutputTokens,
    stop: request.stop,
    priority: request.priority,
    continues: request.continueFrom !== undefined,
  };
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
  }
}

/** One update as it goes over the wire. */
export function updateMessage(update: AnswerUpdate): inference.GenerateUpdate {
  switch (update.type) {
    case 'started':
      return {
        update: { $case: 'started', started: { model: update.model, inputTokens: update.inputTokens } },
      };
    case 'chunk':
      return { update: { $case: 'chunk', chunk: { text: update.text, tokenIds: [...update.tokenIds] } } };
    case 'finished': {
      const { reason, inputTokens, outputTokens, timings } = update;
      const usage = { inputTokens, outputTokens, cachedInputTokens: 0 };
      return { update: { $case: 'finished', finished: { reason: reasons[reason], usage, timings } } };
    }
  }
}

/** What a model can do, as it goes over the wire. */
export function abilitiesMessage(abilities: EngineAbilities): inference.ModelAbilities {
  return { ...abilities, continueSupport: continueSupport[abilities.continueSupport] };
}
