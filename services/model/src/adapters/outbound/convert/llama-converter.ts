import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Converter, ConvertingOrder } from '../../../ports/convert/converter.ts';
import type { ShardFolder } from '../../../ports/convert/shard-folder.ts';
import type { MoveProgress } from '../../../ports/move-progress.ts';
import type { FileContent } from '../../../ports/pull/model-cache.ts';
import { cacheFiles } from '../pull/cache-files.ts';
import { jobNiceness } from '../quantise/job-niceness.ts';
import { llamaRelease } from '../quantise/llama-release.ts';
import { conversionFault } from './conversion-fault.ts';
import { converterSource } from './converter-source.ts';
import { ownConverterFiles } from './own-files.ts';
import { PythonEnvironment } from './python-environment.ts';
import { runTool } from './run-tool.ts';

/** What the converter takes from its machine. */
export interface LlamaConverterOptions {
  /** The model cache. */
  readonly cacheFolder: string;
  /** Where the converter and its Python packages are kept. */
  readonly toolFolder: string;
  /** The machine's own Python. */
  readonly python: string;
  /** A Python that has PyTorch, transformers and sentencepiece; '' = ours, without PyTorch. */
  readonly wholePython: string;
  readonly environment: NodeJS.ProcessEnv;
}

const release = `v${llamaRelease}`;
const lookEveryMs = 250;
const timeLimitMs = 24 * 3_600_000;
/** Nothing is asked of the hub, and of transformers only its tokenizers. */
const offline = { HF_HUB_OFFLINE: '1', TRANSFORMERS_OFFLINE: '1' };
const lean = { USE_TORCH: '0', USE_TF: '0', USE_FLAX: '0' };

/** Converts by the converter of llama.cpp, in a process of Python. */
export class LlamaConverter implements Converter {
  readonly tool = `convert_hf_to_gguf.py of llama.cpp ${release}`;
  readonly #options: LlamaConverterOptions;

  constructor(options: LlamaConverterOptions) {
    this.#options = options;
  }

  async prepare(progress: MoveProgress): Promise<void> {
    await this.#tools(progress);
  }

  async convert(order: ConvertingOrder, progress: MoveProgress): Promise<FileContent> {
    const { cacheFolder } = this.#options;
    const target = cacheFiles.part(join(cacheFolder, order.name));
    const { interpreter, converter } = await this.#tools(progress);
    // One for each file that is made, so that what a killed process left of it is removed by the next.
    const view = join(cacheFolder, `.${order.name}.folder`);
    await rm(view, { recursive: true, force: true });
    try {
      const folder = await linked(order.folder, view);
      await this.#run(interpreter, { ...order, view: folder, converter, target }, progress);
    } finally {
      await rm(view, { recursive: true, force: true });
    }
    const hash = createHash('sha256');
    await pipeline(createReadStream(target), hash, { signal: progress.signal });
    return { sha256: hash.digest('hex'), bytes: (await stat(target)).size };
  }

  async #tools(progress: MoveProgress): Promise<{ interpreter: string; converter: string }> {
    const { toolFolder: folder, python, wholePython, environment } = this.#options;
    const converter = await converterSource({ folder, release }, environment, progress);
    const requirements = join(ownConverterFiles(), 'requirements.txt');
    const own = new PythonEnvironment({ folder, python, environment, requirements });
    return { converter, interpreter: wholePython === '' ? await own.interpreter(progress) : wholePython };
  }

  async #run(
    interpreter: string,
    order: ConvertingOrder & { readonly view: string; readonly converter: string; readonly target: string },
    progress: MoveProgress,
  ): Promise<void> {
    const { wholePython, environment, cacheFolder, toolFolder } = this.#options;
    const bytecode = join(toolFolder, 'bytecode');
    const { folder, view, converter, target, preTokenizer } = order;
    const told = {
      converter,
      target,
      preTokenizer,
      folder: view,
      name: folder.name,
      standIn: wholePython === '',
      niceness: jobNiceness,
    };
    const watching = setInterval(() => void tellShare(target, folder, progress), lookEveryMs);
    try {
      const program = join(ownConverterFiles(), 'run.py');
      const end = await runTool(interpreter, [program, JSON.stringify(told)], {
        what: `that converts ${folder.name}`,
        environment: {
          ...environment,
          ...offline,
          ...(wholePython === '' ? lean : {}),
          PYTHONPYCACHEPREFIX: bytecode,
        },
        signal: progress.signal,
        timeLimitMs,
      });
      // Messages are about the folder that was asked for.
      const stdout = end.stdout.replaceAll(view, folder.path);
      const fault = conversionFault({ ...end, stdout }, { folder, release, cacheFolder });
      if (fault !== undefined) throw fault;
    } finally {
      clearInterval(watching);
    }
  }
}

/** The folder without what the converter must not see: above all Python code, which it would run. */
async function linked({ path, name, files }: ShardFolder, view: string): Promise<string> {
  const folder = join(view, name);
  await mkdir(folder, { recursive: true });
  for (const file of files) await symlink(join(path, file), join(folder, file));
  return folder;
}

async function tellShare(
  target: string,
  { resultBytes }: ShardFolder,
  progress: MoveProgress,
): Promise<void> {
  const part = await stat(target).catch(() => undefined);
  if (part !== undefined) progress.share(Math.min(1, part.size / resultBytes));
}
