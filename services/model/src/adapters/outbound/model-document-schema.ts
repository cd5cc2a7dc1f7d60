import type { DocumentKind } from '@parley/config';
import { z } from 'zod';
import {
  bareModelSchema,
  gpuMemorySchema,
  longForm,
  precisionSchema,
  shardsSchema,
} from './bare-model-schema.ts';
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
  toolCalls: z.enum(['hermes', 'llama3', 'mistral', 'generic', 'none']).optional(),
  reasoning: z.enum(['none', 'think-tags']).default('none'),
});

/** The conditions under which a model may be used. */
export const termsSchema = z.strictObject({
  license: z.string().default(''),
  url: z.url().optional(),
  commercialUse: z.boolean().optional(),
});

/** When a model comes into memory, and when it leaves. */
const loadSchema = z.strictObject({
  when: z.enum(['start', 'first-use', 'never']).default('start'),
  unload: z
    .union([z.literal('never'), z.strictObject({ idleMs: z.int().min(1000).max(2_592_000_000) })], {
      error: 'must be never, or { idleMs: 1000 or more }',
    })
    .default('never'),
  mmap: z.enum(['auto', 'on', 'off']).default('auto'),
});

/** How many may wait for a slot. */
const queueSchema = z.strictObject({
  maxRequests: z.int().min(0).max(100_000).default(2048),
  /** To read and to make, of all that wait. */
  maxTokens: z.int().min(1).optional(),
  /** Whoever would wait longer is refused. */
  maxWaitMs: z.int().min(1).max(86_400_000).optional(),
});

/** What the document of any model says. */
const common = z.strictObject({
  aliases: z.array(modelName).default([]),
  context: z.strictObject({
    tokens: z.int().min(64).max(1_048_576),
    slots: z.int().min(1).max(100_000),
  }),
  queue: queueSchema.prefault({}),
  profile: profileSchema.prefault({}),
  load: loadSchema.prefault({}),
  terms: termsSchema.prefault({}),
});

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, { error: 'must be 64 hexadecimal digits in lower case' });

/** What graphics cards take of a model. */
const gpuSchema = z.strictObject({
  /** Layers there at most; the output is one more. */
  layers: z.int().min(0).max(10_000).optional(),
  /** MiB on all cards together at most: fewer layers go there, so that it holds. */
  memoryMb: gpuMemorySchema.optional(),
  split: z.enum(['layer', 'row']).optional(),
  /** Shares of the cards in their order, such as [3, 1]. */
  tensorSplit: z.array(z.number().min(0).max(1_000_000)).min(1).max(128).optional(),
});

const gguf = common.extend({
  engine: z.literal('gguf').optional(),
  path: z.string().min(1),
  /** Of a split file: of the first part, or a list with one for each part. */
  sha256: z.union([sha256, z.array(sha256).min(1).max(99_999)]).optional(),
  /** The family that the file's architecture must belong to: `llama`, `qwen`, `gemma`. */
  family: z.string().min(1).max(63).optional(),
  shards: shardsSchema.optional(),
  precision: precisionSchema.optional(),
  gpu: gpuSchema.optional(),
  context: common.shape.context.extend({
    // llama.cpp has at most 256 sequences in one context.
    slots: z.int().min(1).max(256),
  }),
});

const onnx = common.extend({
  engine: z.literal('onnx'),
  /** A folder with config.json, tokenizer.json and onnx/model*.onnx, or the .onnx file in it. */
  path: z.string().min(1),
  sha256: sha256.optional(),
  /** Of several files in the folder, the one so written. */
  precision: precisionSchema.optional(),
  context: common.shape.context.extend({ slots: z.int().min(1).max(256) }),
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
const spec = z.discriminatedUnion('engine', [gguf, onnx, openai, simulated], {
  error: ({ code }) =>
    code === 'invalid_union' ? 'is no engine that there is: gguf, onnx, openai, simulated' : undefined,
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
  bare: { key: 'model', schema: bareModelSchema.transform(longForm).pipe(modelDocumentSchema) },
};
