import { gateway } from '@parley/contracts';
import { ParleyError } from '@parley/kernel';
import { z } from 'zod';
import { parseJson } from '../../../domain/json-text.ts';
import { languagesOf } from '../../../domain/languages.ts';
import type { Message, OutputFormat, Speaker, StartTurn } from '../../../domain/turn.ts';
import {
  endUser,
  formatName,
  maxMessages,
  metadata,
  penalty,
  temperature,
  topP,
} from '../http/shared-schemas.ts';
import { check } from '../http/validation.ts';

const speakers: Readonly<Record<gateway.Role, Speaker | undefined>> = {
  [gateway.Role.ROLE_UNSPECIFIED]: 'user',
  [gateway.Role.ROLE_SYSTEM]: 'system',
  [gateway.Role.ROLE_DEVELOPER]: 'developer',
  [gateway.Role.ROLE_USER]: 'user',
  [gateway.Role.ROLE_ASSISTANT]: 'assistant',
  [gateway.Role.UNRECOGNIZED]: undefined,
};

const roles = ['system', 'developer', 'user', 'assistant'] as const;

/** The limits of the HTTP API, under the names that the proto gives the fields. */
const limits = z.object({
  model: z.string().max(256),
  input: z
    .array(z.object({ role: z.enum(roles), texts: z.array(z.string()).min(1), name: z.string().max(64) }))
    .min(1)
    .max(maxMessages),
  previous_response_id: z.string().max(128),
  sampling: z.object({
    temperature,
    top_p: topP,
    frequency_penalty: penalty,
    presence_penalty: penalty,
  }),
  max_output_tokens: z.int().max(2 ** 31 - 1),
  stop: z.array(z.string().min(1).max(1024)).max(4),
  format: z.object({ json_schema: z.object({ name: formatName }) }).optional(),
  metadata,
  end_user: endUser,
});

/**
 * The turn that a ChatRequest asks for.
 * @param timeoutMs what the call's deadline leaves; undefined: it has none
 * @throws ParleyError `invalid_request`
 */
export function chatCommand(request: gateway.ChatRequest, timeoutMs: number | undefined): StartTurn {
  const { sampling } = request;
  check(limits, asWritten(request), 'The message');
  const store = request.store ?? true;
  return {
    model: request.model,
    input: request.input.map(messageOf),
    instructions: request.instructions.toWellFormed(),
    previousTurnId: request.previousResponseId,
    store,
    sampling: {
      temperature: sampling?.temperature,
      topP: sampling?.topP,
      frequencyPenalty: sampling?.frequencyPenalty,
      presencePenalty: sampling?.presencePenalty,
      seed: sampling?.seed,
      logitBias: {},
    },
    format: formatOf(request.format),
    maxOutputTokens: request.maxOutputTokens,
    stop: request.stop,
    metadata: request.metadata,
    endUser: request.endUser,
    languages: languagesOf(request.languages),
    timeoutMs: store ? undefined : timeoutMs,
    deltas: true,
  };
}

function asWritten(request: gateway.ChatRequest): object {
  const { sampling } = request;
  return {
    model: request.model,
    input: request.input.map(({ role, texts, name }) => ({ role: speakers[role] ?? role, texts, name })),
    previous_response_id: request.previousResponseId,
    sampling: {
      temperature: sampling?.temperature,
      top_p: sampling?.topP,
      frequency_penalty: sampling?.frequencyPenalty,
      presence_penalty: sampling?.presencePenalty,
    },
    max_output_tokens: request.maxOutputTokens,
    stop: request.stop,
    format:
      request.format?.form?.$case === 'jsonSchema'
        ? { json_schema: request.format.form.jsonSchema }
        : undefined,
    metadata: request.metadata,
    end_user: request.endUser,
  };
}

function messageOf({ role, texts, name }: gateway.Message): Message {
  const wellFormed = texts.map((text) => text.toWellFormed());
  return { id: '', role: speakers[role] ?? 'user', texts: wellFormed, status: 'completed', name };
}

function formatOf(format: gateway.OutputFormat | undefined): OutputFormat {
  switch (format?.form?.$case) {
    case undefined:
      return { kind: 'text' };
    case 'jsonObject':
      return { kind: 'json_object' };
    case 'jsonSchema':
      return jsonSchemaOf(format.form.jsonSchema);
  }
}

function jsonSchemaOf({ name, schema }: gateway.JsonSchema): OutputFormat {
  const parsed = parseJson(schema, 'The JSON Schema');
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new ParleyError('invalid_request', '`format.json_schema.schema` must be a JSON object, as text.', {
      param: 'format.json_schema.schema',
    });
  }
  return { kind: 'json_schema', name, schema };
}
