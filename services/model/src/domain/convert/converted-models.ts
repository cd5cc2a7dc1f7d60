import { ParleyError } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { ConvertedRecord, ConvertedRecords } from '../../ports/convert/converted-records.ts';
import type { ShardFolder, ShardFolders } from '../../ports/convert/shard-folder.ts';
import type { MoveProgress } from '../../ports/move-progress.ts';
import { plainName } from '../catalog/entry-of-source.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import { convertedDefinition } from './converted-definition.ts';
import type { MadeFile } from '../pull/made-files.ts';
import type { ConvertedFiles } from './converted-files.ts';

/** The kind of job that converting is. */
export const convertKind = 'convert';

/** What is asked for. */
export interface ConvertRequest {
  /** Absolute path of a folder on the machine of this process. */
  readonly folder: string;
  /** What the model is to be called; '' = as the folder is. */
  readonly name: string;
  /** As `ConvertingOrder` has it. */
  readonly preTokenizer: string;
}

/** What converting takes. */
export interface ConvertedModelsParts {
  readonly registry: ModelRegistry;
  readonly folders: ShardFolders;
  readonly files: ConvertedFiles;
  readonly records: ConvertedRecords;
  /** The model cache. */
  readonly cacheFolder: string;
  readonly clock: Clock;
  /** Told once of each model that is in the cache and cannot be offered. */
  readonly onNotRegistered: (name: string, error: unknown) => void;
}

/** Of the whole work: reading, then writing; what is left is trying the result out. */
const readingShare = 0.1;
const writtenShare = 0.9;

/** Models made of folders with safetensors. */
export class ConvertedModels {
  readonly #parts: ConvertedModelsParts;
  readonly #told = new Set<string>();

  constructor(parts: ConvertedModelsParts) {
    this.#parts = parts;
  }

  /** The request with the name of its result. @throws ParleyError of what cannot be converted, and where it is wrong. */
  async check(request: ConvertRequest, signal: AbortSignal): Promise<ConvertRequest> {
    const { name } = await this.#checked(request, signal);
    return { ...request, name };
  }

  /** The work of a job: the file, whether it opens, the model on the shelf. @throws ParleyError what is in the way. */
  async convert(request: ConvertRequest, progress: MoveProgress): Promise<void> {
    const { folders, files, records, cacheFolder } = this.#parts;
    const { preTokenizer } = request;
    const { name, folder } = await this.#checked(request, progress.signal);
    progress.stage(`reading ${folder.name}`);
    const sha256 = await folders.digest(folder, progress.signal);
    progress.share(readingShare);
    const file = await files.make({ name, folder, sha256, preTokenizer }, part(progress));
    const record = await this.#proved(name, { folder, sha256, file }, progress);
    await records.put(record);
    this.#parts.registry.register(convertedDefinition(record, cacheFolder));
    progress.note(`Load it with: parley models load ${name}`);
    progress.share(1);
    progress.stage(`${name} is registered`);
  }

  /** Offers what was converted earlier, by whatever process. Never rejects. */
  async refresh(): Promise<void> {
    const records = await this.#parts.records.list().catch(() => []);
    for (const record of records) {
      try {
        this.#parts.registry.register(convertedDefinition(record, this.#parts.cacheFolder));
        this.#told.delete(record.name);
      } catch (error) {
        if (!this.#told.has(record.name)) this.#parts.onNotRegistered(record.name, error);
        this.#told.add(record.name);
      }
    }
  }

  /** The folder, and what its result is called. */
  async #checked(
    request: ConvertRequest,
    signal: AbortSignal,
  ): Promise<{ readonly folder: ShardFolder; readonly name: string }> {
    if (!/^([/\\]|[A-Za-z]:[/\\])/.test(request.folder)) {
      const message = `"${request.folder}" is no absolute path of a folder on the machine of the model service.`;
      throw new ParleyError('invalid_request', message, { param: 'folder' });
    }
    if (!/^[\w.-]{0,64}$/.test(request.preTokenizer)) {
      const message = `"${request.preTokenizer}" is no pre-tokenizer; llama.cpp has words for them such as qwen2.`;
      throw new ParleyError('invalid_request', message, { param: 'pre_tokenizer' });
    }
    const folder = await this.#parts.folders.read(request.folder, signal);
    const name = request.name === '' ? plainName(folder.name) : request.name;
    if (name === '' || plainName(name) !== name) {
      const message = `"${name}" is no name of a model: lower-case letters, digits, ".", "_" and "-", 63 at most.`;
      throw new ParleyError('invalid_request', message, { param: 'name' });
    }
    this.#requireFreeName(name, folder);
    return { folder, name };
  }

  #requireFreeName(name: string, folder: ShardFolder): void {
    const other = this.#parts.registry.named(name);
    if (other === undefined && this.#parts.registry.aliases.get(name) === undefined) return;
    const isOurs = other?.definition.lineage?.from === `safetensors:${folder.name}`;
    if (isOurs && !other.alive) return;
    const why = isOurs
      ? 'is loaded; unload it before it is made anew'
      : 'is another model; say --name (name)';
    const message = `"${name}", which the result would be called, ${why}.`;
    throw new ParleyError('conflict', message, { param: 'name' });
  }

  /** What the file says of itself; one that cannot be opened is not kept. */
  async #proved(
    name: string,
    made: { readonly folder: ShardFolder; readonly sha256: string; readonly file: MadeFile },
    progress: MoveProgress,
  ): Promise<ConvertedRecord> {
    const { registry, files, cacheFolder, clock } = this.#parts;
    const { folder, file } = made;
    const record: ConvertedRecord = {
      name,
      file: file.name,
      sha256: file.sha256,
      source: { folder: folder.name, sha256: made.sha256 },
      architecture: folder.architecture,
      format: 'f16',
      tool: files.tool,
      madeAt: new Date(clock.now()).toISOString(),
      contextTokens: 0,
      license: '',
    };
    progress.stage('trying it out in a process of its own');
    try {
      const { inspection } = await registry.prove(convertedDefinition(record, cacheFolder), progress.signal);
      const { trainedContextTokens = 0, license = '', quantization = '' } = inspection ?? {};
      const format = quantization === '' ? record.format : quantization.toLowerCase();
      return { ...record, format, contextTokens: trainedContextTokens, license };
    } catch (error) {
      await files.discard(file);
      throw error;
    }
  }
}

/** Writing, as a part of the whole work. */
function part(progress: MoveProgress): MoveProgress {
  return {
    signal: progress.signal,
    stage: (text) => progress.stage(text),
    note: (line) => progress.note(line),
    share: (done) => progress.share(readingShare + done * (writtenShare - readingShare)),
  };
}
