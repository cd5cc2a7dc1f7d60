import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  envBool,
  envEnum,
  envInt,
  envPath,
  envSecret,
  envString,
  kafkaSection,
  loadConfig,
  redisSection,
  serviceSection,
} from '@parley/config';
import type { ConfigOf } from '@parley/config';
import type { LocalFolderPaths } from './adapters/outbound/local/local-folders.ts';

/** Every variable this service reads. */
export const configSpec = {
  service: serviceSection,
  redis: redisSection,
  kafka: kafkaSection,
  models: {
    cacheDir: envPath('PARLEY_MODEL_CACHE', {
      default: '~/.cache/parley/models',
      doc: 'The folder of pulled models; a path that begins with cache: points into it.',
    }),
    cacheMaxBytes: envInt('PARLEY_MODEL_CACHE_MAX_BYTES', {
      default: 0,
      min: 0,
      doc: 'Bytes that pulled models may take together; the least recently used leave first. 0 = no bound.',
    }),
    threads: envInt('PARLEY_MODEL_THREADS', {
      default: 0,
      min: 0,
      max: 1024,
      doc: 'Threads that decode; 0 = all cores this process may use but one.',
    }),
    gpu: envEnum('PARLEY_MODEL_GPU', {
      values: ['auto', 'cpu', 'cuda'],
      default: 'auto',
      doc: 'What GGUF models run on; auto: a graphics card where one can be used, else the processor.',
    }),
    promptTokensPerStep: envInt('PARLEY_MODEL_PROMPT_TOKENS_PER_STEP', {
      default: 128,
      min: 8,
      max: 8192,
      doc: 'Prompt tokens read in one step at most; more finishes prompts sooner and stalls running answers longer.',
    }),
    targetGapMs: envInt('PARLEY_MODEL_TARGET_GAP_MS', {
      default: 100,
      min: 0,
      max: 10_000,
      doc: 'What the gap between two tokens of a running answer should not exceed, in milliseconds, while prompts are read; 0 = it does not matter.',
    }),
    loadTimeoutMs: envInt('PARLEY_MODEL_LOAD_TIMEOUT_MS', {
      default: 600_000,
      min: 1000,
      max: 86_400_000,
      doc: 'A load that takes longer, in milliseconds, is given up.',
    }),
    memoryReserveMb: envInt('PARLEY_MODEL_MEMORY_RESERVE_MB', {
      default: 256,
      min: 0,
      max: 1_000_000,
      doc: 'Memory, in MiB, that stays free when a model is loaded.',
    }),
    memoryMb: envInt('PARLEY_MODEL_MEMORY_MB', {
      default: 0,
      min: 0,
      max: 100_000_000,
      doc: 'Memory, in MiB, that all models of this process may take together; 0 = what the machine has.',
    }),
    replaceHosts: envBool('PARLEY_MODEL_REPLACE_HOST', {
      default: true,
      doc: 'Whether an engine host that holds a quarter more memory than its models take is replaced by a fresh one.',
    }),
    keptDir: envPath('PARLEY_MODEL_KEPT_DIR', {
      default: '',
      doc: 'The folder, of this fleet alone, for what conversations leave in models; unset: model-kept in the data folder.',
    }),
    keptMb: envInt('PARLEY_MODEL_KEPT_MB', {
      default: 2048,
      min: 0,
      max: 100_000_000,
      doc: 'MiB that what conversations leave in models may take on disk, encrypted and for a day; the least recently used leaves first. 0 = nothing is kept.',
    }),
    keptTokens: envInt('PARLEY_MODEL_KEPT_TOKENS', {
      default: 256,
      min: 64,
      max: 1_000_000,
      doc: 'Shorter conversations, in tokens, are not kept on disk: they are read again soon enough.',
    }),
    keepPrevious: envBool('PARLEY_MODEL_KEEP_PREVIOUS', {
      default: true,
      doc: 'Whether the model that an alias was switched away from stays loaded for a rollback.',
    }),
    firstUseWaitMs: envInt('PARLEY_MODEL_FIRST_USE_WAIT_MS', {
      default: 120_000,
      min: 0,
      max: 3_600_000,
      doc: 'How long a caller waits at most for a model that its first use loads, in milliseconds.',
    }),
    unloadDrainMs: envInt('PARLEY_MODEL_UNLOAD_DRAIN_MS', {
      default: 120_000,
      min: 0,
      max: 86_400_000,
      doc: 'How long an unload waits for running answers, in milliseconds; then they are ended.',
    }),
  },
  convert: {
    onLoad: envBool('PARLEY_MODEL_CONVERT', {
      default: false,
      doc: 'Whether a folder of safetensors that a document names as path is converted when its model is first loaded.',
    }),
    toolDir: envPath('PARLEY_CONVERT_DIR', {
      default: '~/.cache/parley/convert',
      doc: 'Where the converter of safetensors and its Python packages are kept, once they were needed.',
    }),
    wholePython: envString('PARLEY_CONVERT_PYTHON', {
      default: '',
      doc: 'A Python with torch, transformers and sentencepiece that converts; unset: one is made without torch.',
    }),
  },
  pulls: {
    hubEndpoint: envString('HF_ENDPOINT', {
      default: 'https://huggingface.co',
      doc: 'The hub that hf: sources are fetched from.',
    }),
    hubToken: envSecret('PARLEY_HF_TOKEN', {
      default: '',
      doc: 'The token for models of the hub that need one; it goes to the hub and nowhere else.',
    }),
    hubTokenFile: envPath('PARLEY_HF_TOKEN_FILE', {
      default: '',
      doc: 'A file with that token in its place, read anew for every pull.',
    }),
    commonHubToken: envSecret('HF_TOKEN', {
      default: '',
      doc: 'The same token under its common name, where neither of the others is set.',
    }),
    allowHttp: envBool('PARLEY_MODEL_ALLOW_HTTP', {
      default: false,
      doc: 'Whether models may be pulled over http: from other hosts than this one.',
    }),
    python: envString('PARLEY_PYTHON', {
      default: 'python3',
      doc: 'The Python whose pip finds the packages of pypi: sources, and those of the converter.',
    }),
  },
  local: {
    ollama: envPath('OLLAMA_MODELS', {
      default: '',
      doc: 'Where Ollama keeps its models; unset: ~/.ollama/models and /usr/share/ollama/.ollama/models.',
    }),
    lmStudio: envPath('PARLEY_LM_STUDIO_MODELS', {
      default: '',
      doc: 'Where LM Studio keeps its models; unset: ~/.lmstudio/models and ~/.cache/lm-studio/models.',
    }),
    llamaCpp: envPath('LLAMA_CACHE', {
      default: '',
      doc: 'Where llama.cpp keeps its models; unset: the cache of the hub, and ~/.cache/llama.cpp.',
    }),
    hubCache: envPath('HF_HUB_CACHE', {
      default: '~/.cache/huggingface/hub',
      doc: 'The cache of the hub’s own clients.',
    }),
  },
  jobs: {
    concurrency: envInt('PARLEY_JOBS_CONCURRENCY', {
      default: 2,
      min: 1,
      max: 64,
      doc: 'Jobs of one kind, such as pulls, that this process runs at once.',
    }),
    maxQueued: envInt('PARLEY_JOBS_MAX_QUEUED', {
      default: 16,
      min: 1,
      max: 10_000,
      doc: 'Jobs of one kind that may wait; one more is refused.',
    }),
  },
} as const;

export type ModelServiceConfig = ConfigOf<typeof configSpec>;

/** @throws ConfigError that lists every fault */
export function readConfig(env: NodeJS.ProcessEnv = process.env): ModelServiceConfig {
  return loadConfig(configSpec, env);
}

/** Base number of libuv threads, and how many more each model takes: it decodes and samples on them. */
const poolThreads = 4;
const poolThreadsPerModel = 2;
/** Models may be pulled and loaded while the process runs; the number of its threads stays as it started. */
const leastModels = 4;

/**
 * How glibc gives memory back. As it comes, each thread has an arena of its own and large blocks are kept: over 100
 * cycles of load and unload a host grew by 0.6 to 1.7 MB each time, like this by 0.003 (measured). Large blocks in large
 * pages (where the system has them on request): llama.cpp writes zeros over all keys and values of a new context, which
 * took half of a load in small ones (SmolLM2, 377 MB: a load takes 0.42 s in place of 0.53 s).
 */
const allocator = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '1048576',
  MALLOC_TRIM_THRESHOLD_: '1048576',
  GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
} as const;

/**
 * The environment of processes that run native model code: enough threads, nothing that is preloaded here, and none
 * of Parley's own variables, which hold secrets.
 */
export function engineEnvironment(models: number, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) => name !== 'NODE_OPTIONS' && name !== 'HF_TOKEN' && !/^(PARLEY|OTEL)_/.test(name),
  );
  const UV_THREADPOOL_SIZE = String(poolThreads + poolThreadsPerModel * Math.max(models, leastModels));
  return { ...allocator, ...Object.fromEntries(kept), UV_THREADPOOL_SIZE };
}

/** The environment of pip: the machine's own configuration and none of our secrets. */
export function pipEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const isOurs = (name: string): boolean => name === 'HF_TOKEN' || /^(PARLEY|OTEL)_/.test(name);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isOurs(name)));
}

/** Where other programs keep their models. */
export function localFolderPaths({ local }: Pick<ModelServiceConfig, 'local'>): LocalFolderPaths {
  const home = (...path: string[]): string => join(homedir(), ...path);
  const or = (path: string, ...defaults: string[]): string[] => (path === '' ? defaults : [path]);
  return {
    ollama: or(local.ollama, home('.ollama/models'), '/usr/share/ollama/.ollama/models'),
    lmStudio: or(local.lmStudio, home('.lmstudio/models'), home('.cache/lm-studio/models')),
    llamaCpp: or(local.llamaCpp, home('.cache/llama.cpp'), home('Library/Caches/llama.cpp')),
    hubCaches: or(local.llamaCpp, local.hubCache),
  };
}

/** A variable that a model document names, such as the one with a remote engine's key. */
export function readVariable(name: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  return env[name];
}
