import { z } from 'zod';
import type { InputTokensRequest } from '../../../domain/input-tokens-request.ts';
import type { ResponsesRequest } from '../../../domain/responses-request.ts';
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
  temperature,
  tokenLimit,
  toolChoiceWord,
  topP,
} from './shared-schemas.ts';

const part = z.discriminatedUnion('type', [
  z.object({ type: z.literal('input_text'), text: z.string() }),
  z.object({ type: z.literal('output_text'), text: z.string() }),
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('refusal'), refusal: z.string() }),
]);

const status = z.enum(['in_progress', 'completed', 'incomplete']).nullish();

/** The items of an earlier response's output may be sent back as they are. */
const message = z.object({
  type: z.literal('message').optional(),
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: z.union([z.string(), z.array(part).min(1)]),
  status,
});

const item = z.discriminatedUnion('type', [
  message,
  z.object({
    type: z.literal('function_call'),
    call_id: callId,
    name: formatName,
    arguments: callArguments,
    status,
  }),
  z.object({
    type: z.literal('function_call_output'),
    call_id: callId,
    output: z.union([z.string(), z.array(z.object({ type: z.literal('input_text'), text: z.string() }))]),
    status,
  }),
]);

const toolFields = {
  tools: z
    .array(z.object({ type: z.literal('function'), ...functionFields }))
    .max(maxFunctions)
    .nullish()
    .describe('Functions that the client runs.'),
  tool_choice: z
    .union([toolChoiceWord, z.object({ type: z.literal('function'), name: formatName })])
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
};

const textFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({ type: z.literal('json_schema'), name: formatName, schema: jsonSchema }),
]);

const input = z.union([z.string(), z.array(item).min(1).max(maxMessages)]);
const instructions = z.string().nullish();

/** The body of `POST /v1/responses`. Fields it does not name are ignored. */
export const responsesSchema = z.object({
  model: modelName.nullish(),
  input,
  instructions,
  previous_response_id: z.string().max(128).nullish(),
  store: z.boolean().nullish().describe('Whether the response can be read later; true unless set.'),
  stream: z.boolean().nullish(),
  temperature,
  top_p: topP,
  max_output_tokens: tokenLimit,
  text: z.object({ format: textFormat.nullish() }).nullish(),
  ...toolFields,
  metadata,
  user: endUser,
  safety_identifier: endUser,
}) satisfies z.ZodType<ResponsesRequest>;

/** The body of `POST /v1/responses/input_tokens`. Fields it does not name are ignored. */
export const inputTokensSchema = z.object({
  model: modelName.nullish(),
  input: input.nullish(),
  instructions,
  ...toolFields,
}) satisfies z.ZodType<InputTokensRequest>;

const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/, { error: 'a whole number from 0' })
  .transform(Number);

/** The query of `GET /v1/responses/{id}`. */
export const retrieveQuery = z.object({
  stream: z.enum(['true', 'false']).optional().describe('Whether to re-attach to the response’s events.'),
  starting_after: wholeNumber
    .optional()
    .describe('The number of the last event received; those after it are sent.'),
});

/** The query of `GET /v1/responses/{id}/input_items`. */
export const inputItemsQuery = z.object({
  order: z.enum(['asc', 'desc']).optional(),
  limit: wholeNumber.pipe(z.int().min(1).max(100)).optional(),
  after: z.string().max(128).optional(),
});
