import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { ProbeVerdict } from '../../ports/model-files.ts';
import type { ProbeVerdicts } from '../../ports/probe-verdicts.ts';

const verdictSchema = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    inspection: z.object({
      architecture: z.string(),
      name: z.string(),
      license: z.string(),
      trainedContextTokens: z.number(),
      fileBytes: z.number(),
      hasTemplate: z.boolean(),
      kvBytesPerToken: z.number(),
      computeBytesPerToken: z.number(),
      windowKvBytesPerToken: z.number().exactOptional(),
      windowTokens: z.number().exactOptional(),
      contextGrain: z.number().exactOptional(),
      quantization: z.string().exactOptional(),
      parameters: z.number().exactOptional(),
      layerBytes: z.array(z.number()).exactOptional(),
      parts: z.number().exactOptional(),
    }),
  }),
  z.object({ ok: z.literal(false), how: z.string() }),
]);

const fileSchema = z.record(z.string(), verdictSchema);

/** Verdicts in a JSON file of the data folder; it may be deleted at any time. */
export class FileProbeVerdicts implements ProbeVerdicts {
  readonly #file: string;
  /** Writes one after another, so that none is lost. */
  #writing: Promise<void> = Promise.resolve();

  constructor(file: string) {
    this.#file = file;
  }

  async get(digest: string, version: string): Promise<ProbeVerdict | undefined> {
    return (await this.#read())[keyOf(digest, version)];
  }

  async put(digest: string, version: string, verdict: ProbeVerdict): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write(keyOf(digest, version), verdict));
    await this.#writing;
  }

  async #read(): Promise<Record<string, ProbeVerdict>> {
    try {
      return fileSchema.parse(JSON.parse(await readFile(this.#file, 'utf8')));
    } catch {
      return {};
    }
  }

  /** Without it the file is tried out again; that is no reason to fail. */
  async #write(key: string, verdict: ProbeVerdict): Promise<void> {
    try {
      await mkdir(dirname(this.#file), { recursive: true });
      const part = `${this.#file}.part`;
      await writeFile(part, JSON.stringify({ ...(await this.#read()), [key]: verdict }));
      await rename(part, this.#file);
    } catch {
      // Read-only or full data folders are found by those who must write there.
    }
  }
}

function keyOf(digest: string, version: string): string {
  return `${digest} ${version}`;
}
