import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { AdoptedModel, AdoptedModels } from '../../../ports/pull/local-models.ts';
import { callProfile } from '../model-documents.ts';
import { modelName, profileSchema, termsSchema } from '../model-document-schema.ts';
import { cacheFault, isMissing } from './cache-files.ts';

const recordSchema = z.object({
  name: modelName,
  source: z.string(),
  path: z.string(),
  bytes: z.number(),
  sha256: z.string().optional(),
  contextTokens: z.number(),
  terms: termsSchema,
  profile: profileSchema,
});

/** Which models are used where other programs keep them: a file for each in a folder of the model cache. */
export class FileAdoptedModels implements AdoptedModels {
  readonly #folder: string;

  /** @param cacheFolder the model cache */
  constructor(cacheFolder: string) {
    this.#folder = join(cacheFolder, '.adopted');
  }

  async list(): Promise<AdoptedModel[]> {
    const names = await readdir(this.#folder).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    const models: AdoptedModel[] = [];
    for (const name of names.filter((file) => file.endsWith('.json')).toSorted()) {
      const model = await read(join(this.#folder, name));
      if (model !== undefined) models.push(model);
    }
    return models;
  }

  async keep(model: AdoptedModel): Promise<void> {
    const path = join(this.#folder, `${model.name}.json`);
    const draft = `${path}.${process.pid}`;
    try {
      await mkdir(this.#folder, { recursive: true });
      await writeFile(draft, JSON.stringify(model));
      await rename(draft, path);
    } catch (error) {
      throw cacheFault(this.#folder, error);
    }
  }
}

/** Undefined when it cannot be read or its file is gone: the other program may remove what is its own. */
async function read(path: string): Promise<AdoptedModel | undefined> {
  try {
    const { terms, profile, sha256, ...record } = recordSchema.parse(
      JSON.parse(await readFile(path, 'utf8')),
    );
    await stat(record.path);
    const { license, url, commercialUse } = terms;
    return {
      ...record,
      ...(sha256 === undefined ? {} : { sha256 }),
      terms: {
        license,
        ...(url === undefined ? {} : { url }),
        ...(commercialUse === undefined ? {} : { commercialUse }),
      },
      profile: callProfile(profile),
    };
  } catch {
    return undefined;
  }
}
