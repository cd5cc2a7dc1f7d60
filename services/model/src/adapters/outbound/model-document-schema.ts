import { z } from 'zod';

const name = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, {
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

const profile = z.strictObject({
  sampling: sampling.default({}),
  stop: z.array(z.string().min(1).max(256)).max(16).default([]),
  template: z.string().min(1).optional(),
  systemRole: z.boolean().default(true),
});

const spec = z.strictObject({
  engine: z.string().min(1).default('gguf'),
  path: z.string().min(1),
  aliases: z.array(name).default([]),
  context: z.strictObject({
    tokens: z.int().min(64).max(1_048_576),
    // llama.cpp has at most 256 sequences in one context.
    slots: z.int().min(1).max(256),
  }),
  queue: z.strictObject({ maxRequests: z.int().min(0).max(100_000).default(2048) }).prefault({}),
  profile: profile.prefault({}),
  terms: z
    .strictObject({
      license: z.string().default(''),
      url: z.url().optional(),
      commercialUse: z.boolean().optional(),
    })
    .prefault({}),
});

/** A document that describes one model. */
export const modelDocumentSchema = z.strictObject({
  apiVersion: z.literal('parley/v1'),
  kind: z.literal('Model'),
  metadata: z.strictObject({
    name,
    version: z.string().regex(/^\d+\.\d+\.\d+$/, { error: 'must be three numbers, such as 1.0.0' }),
    title: z.record(z.string(), z.string()).default({}),
    description: z.record(z.string(), z.string()).default({}),
  }),
  spec,
});

/** A model document whose shape is right. */
export type ModelDocument = z.infer<typeof modelDocumentSchema>;
