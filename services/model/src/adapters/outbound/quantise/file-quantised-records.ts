import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ModelCache } from '../../../ports/pull/model-cache.ts';
import type { QuantisedRecord, QuantisedRecords } from '../../../ports/quantise/quantised-records.ts';
import { callProfile } from '../model-documents.ts';
import { profileSchema, termsSchema } from '../model-document-schema.ts';
import { cacheFault } from '../pull/cache-files.ts';

const ending = '.lineage.json';
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

/** Records as JSON files beside the files they are about. One whose file is gone, or another, does not count. */
export class FileQuantisedRecords implements QuantisedRecords {
  readonly #folder: string;
  readonly #cache: Pick<ModelCache, 'folder' | 'list'>;

  constructor(cache: Pick<ModelCache, 'folder' | 'list'>) {
    this.#cache = cache;
    this.#folder = cache.folder;
  }

  async put(record: QuantisedRecord): Promise<void> {
    const path = join(this.#folder, `${record.file}${ending}`);
    const draft = `${path}.${process.pid}`;
    try {
      await writeFile(draft, `${JSON.stringify(record, undefined, 2)}\n`, { flush: true });
      await rename(draft, path);
    } catch (error) {
      throw cacheFault(this.#folder, error);
    }
  }

  async list(): Promise<QuantisedRecord[]> {
    const names = (await readdir(this.#folder).catch(() => [])).filter((name) => name.endsWith(ending));
    if (names.length === 0) return [];
    const files = await this.#cache.list();
    const records = await Promise.all(names.toSorted().map((name) => this.#read(name)));
    return records.flatMap((record) => {
      const isThere = files.some(({ name, sha256 }) => name === record?.file && sha256 === record.sha256);
      return record !== undefined && isThere ? [record] : [];
    });
  }

  async #read(name: string): Promise<QuantisedRecord | undefined> {
    const text = await readFile(join(this.#folder, name), 'utf8').catch(() => '');
    const parsed = recordSchema.safeParse(jsonOf(text));
    if (!parsed.success) return undefined;
    const { verdict, served, ...rest } = parsed.data;
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

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
