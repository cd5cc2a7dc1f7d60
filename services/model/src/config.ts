import { envInt, envPath, loadConfig, serviceSection } from '@parley/config';
import type { ConfigOf } from '@parley/config';

/** Every variable this service reads. */
export const configSpec = {
  service: serviceSection,
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

/**
 * The environment of processes that run native model code: enough threads, nothing that is preloaded here, and none
 * of Parley's own variables, which hold secrets.
 */
export function engineEnvironment(models: number, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) => name !== 'NODE_OPTIONS' && !/^(PARLEY|OTEL)_/.test(name),
  );
  const UV_THREADPOOL_SIZE = String(poolThreads + poolThreadsPerModel * models);
  return { ...Object.fromEntries(kept), UV_THREADPOOL_SIZE };
}
