import { z } from 'zod';

/** The most messages one request may bring. */
export const maxMessages = 512;

/** Larger than any context, and small enough for every counter it goes through. */
const maxTokenLimit = 2 ** 31 - 1;

export const modelName = z
  .string()
  .min(1)
  .max(256)
  .describe(
    'A model name or an alias, as GET /v1/models lists them, or an assistant, as GET /v1/assistants does.',
  );
export const temperature = z.number().min(0).max(2).nullish().describe('0 = always the most likely token.');
export const topP = z.number().min(0).max(1).nullish();
export const penalty = z.number().min(-2).max(2).nullish();
export const tokenLimit = z.int().min(1).max(maxTokenLimit).nullish();
export const endUser = z.string().max(512).nullish().describe('The person in front of the application.');

/** OpenAI's limits: 16 pairs, keys of 64 and values of 512 characters. */
export const metadata = z
  .record(z.string().max(64), z.string().max(512))
  .refine((pairs) => Object.keys(pairs).length <= 16, { error: 'at most 16 key-value pairs' })
  .nullish();

export const formatName = z
  .string()
  .regex(/^[\w-]{1,64}$/, { error: '1 to 64 letters, digits, underscores or dashes' });
/** What both APIs say of a function. */
export const functionFields = {
  name: formatName,
  description: z.string().max(16_384).nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish().describe('A JSON Schema of the arguments.'),
  strict: z.boolean().nullish().describe('Taken and not needed: arguments are as `tool_choice` says.'),
};

/** The most functions one request may bring. */
export const maxFunctions = 128;

/** Which functions the model asks for, but for the one that is named. */
export const toolChoiceWord = z.enum(['none', 'auto', 'required']);

export const callId = z.string().min(1).max(256);

/** As a model wrote them. */
export const callArguments = z.string().max(1_048_576);

export const jsonSchema = z
  .record(z.string(), z.unknown())
  .describe('A JSON Schema; the answer is held to it while it is written.');
