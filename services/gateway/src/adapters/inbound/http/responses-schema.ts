import { z } from 'zod';
import type { InputTokensRequest } from '../../../domain/input-tokens-request.ts';
import type { ResponsesRequest } from '../../../domain/responses-request.ts';
import {
  endUser,
  formatName,
  jsonSchema,
  maxMessages,
  metadata,
  modelName,
  temperature,
  tokenLimit,
  topP,
} from './shared-schemas.ts';

const part = z.discriminatedUnion('type', [
  z.object({ type: z.literal('input_text'), text: z.string() }),
  z.object({ type: z.literal('output_text'), text: z.string() }),
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('refusal'), refusal: z.string() }),
]);

/** A message; the items of an earlier response's output may be sent back as they are. */
const item = z.object({
  type: z.literal('message').optional(),
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: z.union([z.string(), z.array(part).min(1)]),
  status: z.enum(['in_progress', 'completed', 'incomplete']).nullish(),
});

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
  metadata,
  user: endUser,
  safety_identifier: endUser,
}) satisfies z.ZodType<ResponsesRequest>;

/** The body of `POST /v1/responses/input_tokens`. Fields it does not name are ignored. */
export const inputTokensSchema = z.object({
  model: modelName.nullish(),
  input: input.nullish(),
  instructions,
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
