import {
  envBool,
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
    threads: envInt('PARLEY_MODEL_THREADS', {
      default: 0,
      min: 0,
      max: 1024,
      doc: 'Threads that decode; 0 = all cores this process may use but one.',
    }),
    promptTokensPerStep: envInt('PARLEY_MODEL_PROMPT_TOKENS_PER_STEP', {
      default: 128,
      min: 8,
      max: 8192,
      doc: 'Prompt tokens read in one step at most; more finishes prompts sooner and stalls running answers longer.',
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
    keepPrevious: envBool('PARLEY_MODEL_KEEP_PREVIOUS', {
      default: true,
      doc: 'Whether the model that an alias was switched away from stays loaded for a rollback.',
    }),
    unloadDrainMs: envInt('PARLEY_MODEL_UNLOAD_DRAIN_MS', {
      default: 120_000,
      min: 0,
      max: 86_400_000,
      doc: 'How long an unload waits for running answers, in milliseconds; then they are ended.',
    }),
  },
  pulls: {
    hubEndpoint: envString('HF_ENDPOINT', {
      default: 'https://huggingface.co',
      doc: 'The hub that hf: sources are fetched from.',
    }),
    hubToken: envSecret('HF_TOKEN', {
      default: '',
      doc: 'The token for models of the hub that need one; it goes to the hub and nowhere else.',
    }),
    allowHttp: envBool('PARLEY_MODEL_ALLOW_HTTP', {
      default: false,
      doc: 'Whether models may be pulled over http: from other hosts than this one.',
    }),
    python: envString('PARLEY_PYTHON', {
      default: 'python3',
      doc: 'The Python whose pip finds the packages of pypi: sources.',
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
 * The environment of processes that run native model code: enough threads, nothing that is preloaded here, and none
 * of Parley's own variables, which hold secrets.
 */
export function engineEnvironment(models: number, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) => name !== 'NODE_OPTIONS' && !/^(PARLEY|OTEL)_/.test(name),
  );
  const UV_THREADPOOL_SIZE = String(poolThreads + poolThreadsPerModel * Math.max(models, leastModels));
  return { ...Object.fromEntries(kept), UV_THREADPOOL_SIZE };
}

/** The environment of pip: the machine's own configuration and none of our secrets. */
export function pipEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const isOurs = (name: string): boolean => name === 'HF_TOKEN' || /^(PARLEY|OTEL)_/.test(name);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isOurs(name)));
}

/** A variable that a model document names, such as the one with a remote engine's key. */
export function readVariable(name: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  return env[name];
}
