import type { DocumentKind } from '@parley/config';
import { z } from 'zod';
import { modelName } from '../model-document-schema.ts';

const message = z.strictObject({
  role: z.enum(['system', 'user', 'assistant']),
  content: z.string().min(1),
});

/** A question, and exactly one way to tell whether its answer is right. */
const question = z
  .strictObject({
    /** In place of messages: one of the user's. */
    ask: z.string().min(1).optional(),
    messages: z.array(message).min(1).max(64).optional(),
    /** JSON Schema that the answer is held to. */
    schema: z.record(z.string(), z.unknown()).optional(),
    maxTokens: z.int().min(1).max(1024).default(64),
    exact: z.string().min(1).optional(),
    contains: z.array(z.string().min(1)).min(1).max(16).optional(),
    json: z.json().optional(),
  })
  .refine(({ ask, messages }) => (ask === undefined) !== (messages === undefined), {
    error: 'must have either ask or messages',
  })
  .refine(
    ({ exact, contains, json }) => [exact, contains, json].filter((way) => way !== undefined).length === 1,
    {
      error: 'must have one of exact, contains and json',
    },
  );

const evaluationDocumentSchema = z.strictObject({
  apiVersion: z.literal('parley/v1'),
  kind: z.literal('ModelEvaluation'),
  metadata: z.strictObject({
    name: modelName,
    version: z.string().regex(/^\d+\.\d+\.\d+$/, { error: 'must be three numbers, such as 1.0.0' }),
    title: z.record(z.string(), z.string()).default({}),
    description: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.strictObject({
    models: z.array(modelName).min(1).max(100),
    text: z.string().max(200_000).default(''),
    questions: z.array(question).max(2000).default([]),
  }),
});

/** An evaluation whose shape is right. */
export type EvaluationDocument = z.infer<typeof evaluationDocumentSchema>;

/** What models are measured by, any number of documents of it beside those of the models. */
export const evaluationKind: DocumentKind<EvaluationDocument> = {
  kind: 'ModelEvaluation',
  folder: 'models',
  schema: evaluationDocumentSchema,
};
