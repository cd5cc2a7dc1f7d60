import type { DocumentKind } from '@parley/config';
import { z } from 'zod';
import { modelName, profileSchema, termsSchema } from '../model-document-schema.ts';

const texts = z
  .strictObject({ en: z.string().min(1), 'zh-CN': z.string().min(1).optional() })
  .catchall(z.string().min(1));

const fileSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)*$/, {
    error: 'must be a path inside the model cache, of letters, digits, dots, hyphens and underscores',
  }),
  bytes: z.int().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, { error: 'must be 64 hexadecimal digits in lower case' }),
  sources: z.array(z.string().min(1)).min(1).max(16),
});

const entrySchema = z.strictObject({
  name: modelName,
  title: texts,
  description: texts,
  terms: termsSchema.extend({ license: z.string().min(1) }),
  languages: z.array(z.string().min(2)).min(1),
  parameters: z.int().min(1),
  contextTokens: z.int().min(1).max(16_777_216),
  engine: z.string().min(1).default('gguf'),
  serve: z.strictObject({
    tokens: z.int().min(64).max(1_048_576),
    slots: z.int().min(1).max(256),
  }),
  profile: profileSchema.prefault({}),
  files: z.array(fileSchema).min(1).max(64),
});

const catalogDocumentSchema = z.strictObject({
  apiVersion: z.literal('parley/v1'),
  kind: z.literal('ModelCatalog'),
  metadata: z.strictObject({
    name: modelName,
    version: z.string().regex(/^\d+\.\d+\.\d+$/, { error: 'must be three numbers, such as 1.0.0' }),
    title: z.record(z.string(), z.string()).default({}),
    description: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.strictObject({ models: z.array(entrySchema).max(1000) }),
});

/** A catalogue whose shape is right. */
export type CatalogDocument = z.infer<typeof catalogDocumentSchema>;

/** Models that can be pulled, any number of documents of them beside those of the models. */
export const catalogKind: DocumentKind<CatalogDocument> = {
  kind: 'ModelCatalog',
  folder: 'models',
  schema: catalogDocumentSchema,
};
