import { z } from 'zod';
import type { ChatRequest } from '../../../domain/chat-request.ts';
import {
  callArguments,
  callId,
  endUser,
  formatName,
  functionFields,
  jsonSchema,
  maxFunctions,
  maxMessages,
  metadata,
  modelName,
  penalty,
  temperature,
  tokenLimit,
  toolChoiceWord,
  topP,
} from './shared-schemas.ts';

const part = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('refusal'), refusal: z.string() }),
]);

const toolCall = z.object({
  id: callId,
  type: z.literal('function'),
  function: z.object({ name: formatName, arguments: callArguments }),
});

const tool = z.object({ type: z.literal('function'), function: z.object(functionFields) });

const toolChoice = z.union([
  toolChoiceWord,
  z.object({ type: z.literal('function'), function: z.object({ name: formatName }) }),
]);

const message = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z.union([z.string(), z.array(part).min(1)]).nullish(),
  refusal: z.string().nullish(),
  name: z.string().max(64).nullish(),
  tool_calls: z.array(toolCall).max(maxFunctions).nullish(),
  tool_call_id: callId.nullish(),
});

const responseFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    json_schema: z.object({ name: formatName, schema: jsonSchema }),
  }),
]);

const logitBias = z
  .record(z.string().regex(/^\d{1,9}$/, { error: 'a token id' }), z.number().min(-100).max(100))
  .refine((bias) => Object.keys(bias).length <= 1024, { error: 'at most 1024 token ids' });

const stopString = z.string().min(1).max(1024);

/** The body of `POST /v1/chat/completions`. Fields it does not name are ignored. */
export const chatSchema = z.object({
  model: modelName,
  messages: z.array(message).min(1).max(maxMessages),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  store: z.boolean().nullish().describe('Whether the turn can be read later; false unless set.'),
  stop: z.union([stopString, z.array(stopString).max(4)]).nullish(),
  seed: z.int().nullish(),
  temperature,
  top_p: topP,
  max_tokens: tokenLimit,
  max_completion_tokens: tokenLimit,
  response_format: responseFormat.nullish(),
  tools: z.array(tool).max(maxFunctions).nullish().describe('Functions that the client runs.'),
  tool_choice: toolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  frequency_penalty: penalty,
  presence_penalty: penalty,
  logit_bias: logitBias.nullish(),
  metadata,
  user: endUser,
  safety_identifier: endUser,
}) satisfies z.ZodType<ChatRequest>;
