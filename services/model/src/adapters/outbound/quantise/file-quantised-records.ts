import { z } from 'zod';
import type { ModelCache } from '../../../ports/pull/model-cache.ts';
import type { QuantisedRecord, QuantisedRecords } from '../../../ports/quantise/quantised-records.ts';
import { callProfile } from '../model-documents.ts';
import { profileSchema, termsSchema } from '../model-document-schema.ts';
import { FileRecords } from '../pull/file-records.ts';

const digest = z.string().regex(/^[0-9a-f]{64}$/);

const recordSchema = z.object({
  name: z.string().min(1).max(63),
  file: z.string().regex(/^[\w.-]+\.gguf$/),
  sha256: digest,
  format: z.string().min(1),
  source: z.object({ name: z.string().min(1), sha256: digest }),
  tool: z.string(),
  madeAt: z.iso.datetime(),
  verdict: z.object({ passed: z.boolean(), reason: z.string(), kept: z.number().min(0).max(1).optional() }),
  served: z.object({
    version: z.string(),
    contextTokens: z.int().min(1),
    contextAtMost: z.boolean().optional(),
    slots: z.int().min(1),
    maxQueued: z.int().min(0),
    profile: profileSchema,
    terms: termsSchema,
  }),
});

/** What is known of quantised files, beside them in the cache. */
export class FileQuantisedRecords extends FileRecords<QuantisedRecord> implements QuantisedRecords {
  constructor(cache: Pick<ModelCache, 'folder' | 'list'>) {
    super(cache, '.lineage.json', parseRecord);
  }
}

function parseRecord(value: unknown): QuantisedRecord {
  const { verdict, served, ...rest } = recordSchema.parse(value);
  const { kept, ...judged } = verdict;
  const { contextAtMost, ...like } = served;
  return {
    ...rest,
    verdict: { ...judged, ...(kept === undefined ? {} : { kept }) },
    served: {
      ...like,
      ...(contextAtMost === undefined ? {} : { contextAtMost }),
      profile: callProfile(served.profile),
      terms: termsOf(served.terms),
    },
  };
}

function termsOf({
  license,
  url,
  commercialUse,
}: z.infer<typeof termsSchema>): QuantisedRecord['served']['terms'] {
  return {
    license,
    ...(url === undefined ? {} : { url }),
    ...(commercialUse === undefined ? {} : { commercialUse }),
  };
}
