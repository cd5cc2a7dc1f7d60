import { Jobs } from '@parley/jobs';
import type { Clock } from '@parley/kernel';
import { openSqliteState } from '@parley/state';
import { FileCacheRoom } from '../../../src/adapters/outbound/pull/file-cache-room.ts';
import { FileModelCache } from '../../../src/adapters/outbound/pull/file-model-cache.ts';
import { LlamaWeightsWriter } from '../../../src/adapters/outbound/quantise/llama-weights-writer.ts';
import { QuantisedFiles } from '../../../src/domain/quantise/quantised-files.ts';

const nothing = { started: ignore, ended: ignore, counted: ignore, storeFailed: ignore };

/** Runs jobs of the kind `write`, each of which writes a model's weights as Q4_K_M into the cache. */
export function writingJobs(path: string, cache: string, owner: string, clock: Clock): Jobs {
  const store = openSqliteState(path, { clock });
  const limits = { concurrency: 1, maxQueued: 1 };
  const jobs = new Jobs({ store, owner, events: nothing, limits, clock });
  const files = new QuantisedFiles({
    cache: new FileModelCache(cache),
    room: new FileCacheRoom(cache),
    writer: new LlamaWeightsWriter(cache, process.env),
    bound: { makeRoom: () => Promise.resolve() },
  });
  jobs.register('write', async ({ source }, progress) => {
    const weights = { name: 'big', path: String(source), sha256: 'a'.repeat(64) };
    await files.make({ source: weights, format: 'q4_k_m', requantize: false }, progress);
  });
  return jobs;
}

function ignore(): void {}
