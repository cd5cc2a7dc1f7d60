import { z } from 'zod';
import type { ConvertedRecord, ConvertedRecords } from '../../../ports/convert/converted-records.ts';
import type { ModelCache } from '../../../ports/pull/model-cache.ts';
import { FileRecords } from '../pull/file-records.ts';

const digest = z.string().regex(/^[0-9a-f]{64}$/);

const recordSchema = z.object({
  name: z.string().min(1).max(63),
  file: z.string().regex(/^[\w.-]+\.gguf$/),
  sha256: digest,
  source: z.object({ folder: z.string().min(1), sha256: digest }),
  architecture: z.string(),
  format: z.string().min(1),
  tool: z.string(),
  madeAt: z.iso.datetime(),
  contextTokens: z.int().min(0),
  license: z.string(),
});

/** What is known of converted files, beside them in the cache. */
export class FileConvertedRecords extends FileRecords<ConvertedRecord> implements ConvertedRecords {
  constructor(cache: Pick<ModelCache, 'folder' | 'list'>) {
    super(cache, '.converted.json', (value) => recordSchema.parse(value));
  }
}
