import type { DocumentKind } from '@parley/config';
import { z } from 'zod';
import { conversationTest } from './conversation-test-schema.ts';
import { documentName, localeText, metadata, notThereYet } from './document-parts.ts';

/** As the public API bounds them; `maxTokens` is the most that an answer takes. */
const sampling = z.strictObject({
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().min(0).max(1).optional(),
  topK: z.int().min(0).optional(),
  minP: z.number().min(0).max(1).optional(),
  repeatPenalty: z.number().min(0).max(10).optional(),
  frequencyPenalty: z.number().min(-2).max(2).optional(),
  presencePenalty: z.number().min(-2).max(2).optional(),
  seed: z.int().min(0).max(4_294_967_295).optional(),
  maxTokens: z.int().min(1).max(1_048_576).optional(),
});

const window = z.strictObject({
  maxTurns: z.int().min(1).max(10_000).optional(),
  maxTokens: z.int().min(1).max(1_048_576).optional(),
});

/** A strategy, a window, or a strategy whose window is narrowed for this assistant. */
const memory = z
  .strictObject({ strategy: documentName.optional(), window: window.optional() })
  .refine(({ strategy, window: own }) => strategy !== undefined || own !== undefined, {
    error: 'must have a strategy, a window, or both',
  });

const assistantSchema = z.strictObject({
  apiVersion: z.literal('parley/v1'),
  kind: z.literal('Assistant'),
  metadata,
  spec: z.strictObject({
    /** An alias or a model's name. */
    model: documentName.default('default'),
    instructions: localeText.optional(),
    memory: memory.optional(),
    sampling: sampling.prefault({}),
    stop: z.array(z.string().min(1).max(256)).max(4).default([]),
    flows: z.array(documentName).max(16).default([]),
    guards: notThereYet('guards'),
    plugins: notThereYet('plugins'),
  }),
  tests: z.array(conversationTest).max(100).default([]),
});

export type AssistantDocument = z.infer<typeof assistantSchema>;

export const assistantKind: DocumentKind<AssistantDocument> = {
  kind: 'Assistant',
  folder: 'assistants',
  schema: assistantSchema,
};
