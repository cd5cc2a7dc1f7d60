import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ParleyError } from '@parley/kernel';
import { z } from 'zod';
import type { ShardFolder, ShardFolders } from '../../../ports/convert/shard-folder.ts';
import type { FileDigests } from '../../../ports/file-digests.ts';
import { readSafetensorsHeader } from './safetensors-header.ts';

const indexName = 'model.safetensors.index.json';
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });
const configSchema = z.object({ architectures: z.array(z.string()).optional() });

/** What the converter reads beside weights. No code is among it: what lies in a folder is never run. */
const described = /\.(json|model|txt|jinja|tiktoken)$|^(README\.md|LICENSE.*)$/;
const bytesPerNumber = 2;
/** Tokenizer and header. */
const headBytes = 16 * 1024 * 1024;

/** Folders of the disk. */
export class FileShardFolders implements ShardFolders {
  readonly #digests: Pick<FileDigests, 'digest'>;

  constructor(digests: Pick<FileDigests, 'digest'>) {
    this.#digests = digests;
  }

  async read(path: string, signal: AbortSignal): Promise<ShardFolder> {
    const names = await namesIn(path);
    const folder = basename(path);
    const shards = await shardsOf(path, names);
    if (shards.length === 0) throw refused(folder, 'holds no safetensors files, which are what is converted');
    const architecture = await architectureOf(path, names);
    if (!names.some((name) => /^(tokenizer|tekken|vocab|spiece)/.test(name)))
      throw refused(folder, 'has no tokenizer (tokenizer.json or tokenizer.model)');
    let numbers = 0;
    for (const shard of shards) {
      signal.throwIfAborted();
      const { tensors } = await readSafetensorsHeader(join(path, shard));
      for (const count of tensors.values()) numbers += count;
    }
    const files = [...shards, ...names.filter((name) => described.test(name))].toSorted();
    return {
      path,
      name: folder,
      architecture,
      shards,
      files,
      resultBytes: numbers * bytesPerNumber + headBytes,
    };
  }

  async holdsShards(path: string): Promise<boolean> {
    const names = await readdir(path).catch(() => []);
    return (
      names.some((name) => name.endsWith('.safetensors')) && !names.some((name) => name.endsWith('.gguf'))
    );
  }

  async digest({ path, files }: ShardFolder, signal: AbortSignal): Promise<string> {
    const whole = createHash('sha256');
    for (const name of files) {
      const { sha256 } = await this.#digests.digest(join(path, name), signal);
      whole.update(`${sha256}  ${name}\n`);
    }
    return whole.digest('hex');
  }
}

async function namesIn(path: string): Promise<string[]> {
  try {
    const found = await stat(path);
    if (!found.isDirectory()) throw refused(basename(path), 'is no folder');
    return (await readdir(path)).toSorted();
  } catch (error) {
    if (error instanceof ParleyError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw refused(basename(path), code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`);
  }
}

/** The files that the index names, else all there are. */
async function shardsOf(path: string, names: readonly string[]): Promise<string[]> {
  const there = names.filter((name) => name.endsWith('.safetensors'));
  if (!names.includes(indexName)) {
    requireSeries(basename(path), there);
    return there;
  }
  const index = indexSchema.safeParse(await jsonOf(path, indexName));
  if (!index.success) throw refused(basename(path), `has a ${indexName} without a weight_map`);
  const wanted = [...new Set(Object.values(index.data.weight_map))].toSorted();
  const missing = wanted.filter((name) => !there.includes(name));
  if (missing.length > 0) throw refused(basename(path), missingText(missing, wanted.length, indexName));
  return wanted;
}

/** Without an index the names themselves tell how many there are. */
function requireSeries(folder: string, there: readonly string[]): void {
  const parts = there.map((name) => /^(.*)-(\d{5})-of-(\d{5})\.safetensors$/.exec(name));
  const [, stem = '', , count = ''] = parts.find((part) => part !== null) ?? [];
  const wanted = Array.from(
    { length: Number(count) },
    (_, at) => `${stem}-${String(at + 1).padStart(5, '0')}-of-${count}.safetensors`,
  );
  const missing = wanted.filter((name) => !there.includes(name));
  if (missing.length > 0)
    throw refused(folder, missingText(missing, wanted.length, 'the names of the others'));
}

function missingText(missing: readonly string[], count: number, source: string): string {
  const more = missing.length > 5 ? ` and ${missing.length - 5} more` : '';
  return `lacks ${missing.length} of the ${count} files according to ${source}: ${missing.slice(0, 5).join(', ')}${more}`;
}

async function architectureOf(path: string, names: readonly string[]): Promise<string> {
  if (!names.includes('config.json'))
    throw refused(basename(path), 'has no config.json, which says what it is');
  const config = configSchema.safeParse(await jsonOf(path, 'config.json'));
  const architecture = config.data?.architectures?.[0];
  if (architecture !== undefined) return architecture.slice(0, 100);
  throw refused(basename(path), 'has a config.json that names no architecture ("architectures")');
}

async function jsonOf(path: string, name: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(path, name), 'utf8'));
  } catch {
    throw refused(basename(path), `has a ${name} that is no JSON`);
  }
}

function refused(folder: string, what: string): ParleyError {
  return new ParleyError('config_invalid', `The folder ${folder} ${what}.`, { param: 'folder' });
}
