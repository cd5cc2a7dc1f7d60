import type { DocumentKind } from '@parley/config';
import { z } from 'zod';
import { remoteSettingsSchema } from './openai/remote-settings-schema.ts';
import { simulatedSettingsSchema } from './simulated/simulated-settings-schema.ts';

/** A model's or an alias's name. */
export const modelName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, {
  error:
    'must be 1 to 63 lower-case letters, digits, dots, hyphens or underscores, the first a letter or digit',
});

const sampling = z.strictObject({
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().min(0).max(1).optional(),
  topK: z.int().min(0).optional(),
  minP: z.number().min(0).max(1).optional(),
  frequencyPenalty: z.number().min(-2).max(2).optional(),
  presencePenalty: z.number().min(-2).max(2).optional(),
  repeatPenalty: z.number().min(0.1).max(10).optional(),
});

/** How a model is called best. */
export const profileSchema = z.strictObject({
  sampling: sampling.default({}),
  stop: z.array(z.string().min(1).max(256)).max(16).default([]),
  template: z.string().min(1).optional(),
  systemRole: z.boolean().default(true),
});

/** The conditions under which a model may be used. */
export const termsSchema = z.strictObject({
  license: z.string().default(''),
  url: z.url().optional(),
  commercialUse: z.boolean().optional(),
});

/** What the document of any model says. */
const common = z.strictObject({
  aliases: z.array(modelName).default([]),
  context: z.strictObject({
    tokens: z.int().min(64).max(1_048_576),
    slots: z.int().min(1).max(100_000),
  }),
  queue: z.strictObject({ maxRequests: z.int().min(0).max(100_000).default(2048) }).prefault({}),
  profile: profileSchema.prefault({}),
  load: z.strictObject({ when: z.enum(['start', 'never']).default('start') }).prefault({}),
  terms: termsSchema.prefault({}),
});

const gguf = common.extend({
  engine: z.literal('gguf').optional(),
  path: z.string().min(1),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, { error: 'must be 64 hexadecimal digits in lower case' })
    .optional(),
  context: common.shape.context.extend({
    // llama.cpp has at most 256 sequences in one context.
    slots: z.int().min(1).max(256),
  }),
});

const simulated = common.extend({ engine: z.literal('simulated'), ...simulatedSettingsSchema.shape });

const openai = common.extend({
  engine: z.literal('openai'),
  ...remoteSettingsSchema.shape,
  profile: profileSchema
    .extend({
      template: z
        .never({ error: 'cannot be set: the remote engine renders prompts with its own template' })
        .optional(),
    })
    .prefault({}),
});

/** One member for each engine. */
const spec = z.discriminatedUnion('engine', [gguf, simulated, openai], {
  error: ({ code }) =>
    code === 'invalid_union' ? 'is no engine that there is: gguf, openai, simulated' : undefined,
});

/** A document that describes one model. */
const modelDocumentSchema = z.strictObject({
  apiVersion: z.literal('parley/v1'),
  kind: z.literal('Model'),
  metadata: z.strictObject({
    name: modelName,
    version: z.string().regex(/^\d+\.\d+\.\d+$/, { error: 'must be three numbers, such as 1.0.0' }),
    title: z.record(z.string(), z.string()).default({}),
    description: z.record(z.string(), z.string()).default({}),
  }),
  spec,
});

/** A model document whose shape is right. */
export type ModelDocument = z.infer<typeof modelDocumentSchema>;

export const modelKind: DocumentKind<ModelDocument> = {
  kind: 'Model',
  folder: 'models',
  schema: modelDocumentSchema,
};
