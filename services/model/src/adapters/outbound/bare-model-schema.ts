import { z } from 'zod';

/** Precisions that a document can ask for. */
export const precisionSchema = z.enum(['fp32', 'fp16', 'bf16', 'int8', 'int4']);

/** Parts of a split file; llama.cpp counts them with five digits. */
export const shardsSchema = z.int().min(1).max(99_999);

/** MiB of all graphics cards together. */
export const gpuMemorySchema = z.int().min(1).max(100_000_000);

/** The short form of a model's document: `model:` and what it is made of. */
export const bareModelSchema = z.strictObject({
  model: z.strictObject({
    type: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/i, { error: 'must be the name of a family, such as llama' }),
    path: z.string().min(1),
    shards: shardsSchema.optional(),
    gpu_memory: gpuMemorySchema.optional(),
    precision: precisionSchema.optional(),
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/)
      .optional(),
    context: z
      .strictObject({ tokens: z.int().min(64).max(1_048_576), slots: z.int().min(1).max(256) })
      .optional(),
  }),
});

type BareModel = z.infer<typeof bareModelSchema>['model'];

/** The context of a model whose document names none: enough for a conversation, little enough for any machine. */
const assumedContext = { tokens: 4096, slots: 4 } as const;

/** The long form of it: an object that the schema of model documents takes. */
export function longForm({ model }: { readonly model: BareModel }): object {
  const { type, path, shards, gpu_memory: memoryMb, precision, name, context } = model;
  return {
    apiVersion: 'parley/v1',
    kind: 'Model',
    metadata: { name: name ?? nameOf(path), version: '1.0.0' },
    spec: {
      engine: 'gguf',
      path,
      family: type,
      aliases: ['default'],
      context: context ?? assumedContext,
      ...(shards === undefined ? {} : { shards }),
      ...(memoryMb === undefined ? {} : { gpu: { memoryMb } }),
      ...(precision === undefined ? {} : { precision }),
    },
  };
}

/** The last part of the path, as a model may be called: `/models/LLaMA 7B` is `llama-7b`. */
function nameOf(path: string): string {
  const last = path.replace(/[/\\]+$/, '').replace(/^.*[/\\:]/, '');
  const name = last
    .replace(/(-\d{5}-of-\d{5})?\.gguf$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 63);
  return name === '' ? 'model' : name;
}
