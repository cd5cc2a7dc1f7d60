import { gateway } from '@parley/contracts';
import { ParleyError } from '@parley/kernel';
import { z } from 'zod';
import { parseJson } from '../../../domain/json-text.ts';
import { languagesOf } from '../../../domain/languages.ts';
import { toolsOf } from '../../../domain/tools-request.ts';
import type { Item, OutputFormat, Speaker, StartTurn } from '../../../domain/turn.ts';
import {
  callArguments,
  callId,
  endUser,
  formatName,
  functionFields,
  maxFunctions,
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
  [gateway.Role.ROLE_TOOL]: 'tool',
  [gateway.Role.UNRECOGNIZED]: undefined,
};

const roles = ['system', 'developer', 'user', 'assistant', 'tool'] as const;

const call = z.object({ call_id: callId, name: formatName, arguments: callArguments });

const message = z
  .object({
    role: z.enum(roles),
    texts: z.array(z.string()),
    name: z.string().max(64),
    function_calls: z.array(call).max(maxFunctions),
    call_id: z.string().max(256),
  })
  .refine(({ texts, function_calls: calls }) => texts.length > 0 || calls.length > 0, {
    path: ['texts'],
    error: 'at least one text',
  })
  .refine(({ role, call_id: id }) => (role === 'tool') === (id !== ''), {
    path: ['call_id'],
    error: 'the id of a call, in messages of ROLE_TOOL and no others',
  })
  .refine(({ role, function_calls: calls }) => role === 'assistant' || calls.length === 0, {
    path: ['function_calls'],
    error: 'calls in messages of ROLE_ASSISTANT only',
  });

/** The limits of the HTTP API, under the names that the proto gives the fields. */
const limits = z.object({
  model: z.string().max(256),
  input: z.array(message).min(1).max(maxMessages),
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
  functions: z
    .array(z.object({ name: formatName, description: functionFields.description }))
    .max(maxFunctions),
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
    input: request.input.flatMap(itemsOf),
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
    tools: requestedTools(request),
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
    input: request.input.map(({ role, texts, name, functionCalls, callId: id }) => ({
      role: speakers[role] ?? role,
      texts,
      name,
      function_calls: functionCalls.map((one) => ({ ...one, call_id: one.callId })),
      call_id: id,
    })),
    functions: request.functions,
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

function itemsOf({ role, texts, name, functionCalls, callId: of }: gateway.Message): readonly Item[] {
  const wellFormed = texts.map((text) => text.toWellFormed());
  if (of !== '') return [{ type: 'function_output', id: '', callId: of, output: wellFormed.join('') }];
  const calls = functionCalls.map((one): Item => {
    const { callId: id, name: called, arguments: written } = one;
    const status = 'completed';
    return {
      type: 'function_call',
      id: '',
      callId: id,
      name: called,
      arguments: written.toWellFormed(),
      status,
    };
  });
  if (wellFormed.length === 0) return calls;
  const speaker = speakers[role] ?? 'user';
  return [{ type: 'message', id: '', role: speaker, texts: wellFormed, status: 'completed', name }, ...calls];
}

const choices: Readonly<Record<gateway.ToolChoice, 'auto' | 'none' | 'required' | 'function'>> = {
  [gateway.ToolChoice.TOOL_CHOICE_UNSPECIFIED]: 'auto',
  [gateway.ToolChoice.UNRECOGNIZED]: 'auto',
  [gateway.ToolChoice.TOOL_CHOICE_NONE]: 'none',
  [gateway.ToolChoice.TOOL_CHOICE_REQUIRED]: 'required',
  [gateway.ToolChoice.TOOL_CHOICE_FUNCTION]: 'function',
};

function requestedTools({
  functions,
  toolChoice,
  chosenFunction,
  singleCall,
}: gateway.ChatRequest): StartTurn['tools'] {
  const choice = choices[toolChoice];
  return toolsOf({
    functions: functions.map(({ parameters, ...one }, index) => ({
      ...one,
      parameters: parameters === '' ? null : schemaOf(parameters, `functions[${index}].parameters`),
    })),
    choice: choice === 'function' ? { name: chosenFunction } : choice,
    parallel: !singleCall,
  });
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
  schemaOf(schema, 'format.json_schema.schema');
  return { kind: 'json_schema', name, schema };
}

function schemaOf(text: string, param: string): object {
  const parsed = parseJson(text, 'The JSON Schema');
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  throw new ParleyError('invalid_request', `\`${param}\` must be a JSON object, as text.`, { param });
}
