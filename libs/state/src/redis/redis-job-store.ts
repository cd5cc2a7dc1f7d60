import { ParleyError } from '@parley/kernel';
import type { JobCount, JobStore, NewJob, StoredJob } from '../ports.ts';
import { jobOf, jobStateOf, optionalJobOf } from './job-text.ts';
import type { KeySpace } from './key-space.ts';
import { RedisClient } from './redis-client.ts';
import { integerOf, listOf, pairsOf, textOf } from './reply.ts';

/** How long a caller should wait before it asks for another job of a kind whose queue is full. */
const fullQueueRetryMs = 10_000;

/** Jobs in two hashes, the open and the ended ones, for those who ask for them. */
export class RedisJobStore implements JobStore {
  readonly #client: RedisClient;
  readonly #keys: KeySpace;

  constructor(client: RedisClient, keys: KeySpace) {
    this.#client = client;
    this.#keys = keys;
  }

  async add(
    job: NewJob,
    limits: { readonly maxQueued: number; readonly share: boolean },
  ): Promise<StoredJob> {
    const { id, kind, subject, params, document, createdAtMs } = job;
    const conditions = [RedisClient.stamp(), limits.maxQueued, limits.share ? 1 : 0];
    const args = [...conditions, id, kind, subject, params, document, createdAtMs];
    const reply = await this.#client.write('add_job', this.#keys.jobKeys, args);
    const [outcome, result] = listOf(reply);
    if (outcome === 'exists') throw new ParleyError('conflict', `Job ${id} exists already.`);
    if (outcome === 'ok') return jobOf(result);
    const queued = integerOf(result);
    const message = `${queued} jobs of kind "${kind}" wait already; no more are taken until one of them starts.`;
    throw new ParleyError('overloaded', message, {
      retryAfterMs: fullQueueRetryMs,
      details: { kind, queued },
    });
  }

  async get(id: string): Promise<StoredJob | undefined> {
    return optionalJobOf(await this.#client.read('get_job', this.#keys.jobKeys, [id]));
  }

  async list(kinds: readonly string[], limit: number): Promise<StoredJob[]> {
    const reply = await this.#client.read('list_jobs', this.#keys.jobKeys, [limit, ...kinds]);
    return listOf(reply).map(jobOf);
  }

  async cancel(id: string, atMs: number): Promise<StoredJob | undefined> {
    return optionalJobOf(await this.#client.write('cancel_job', this.#keys.jobKeys, [id, atMs]));
  }

  async prune(kinds: readonly string[], keep: number, endedBeforeMs: number): Promise<JobCount[]> {
    const args = [keep, endedBeforeMs, ...kinds];
    const reply = await this.#client.write('prune_jobs', this.#keys.jobKeys, args);
    return pairsOf(reply).map(([name, count]) => {
      const [state = '', ...kind] = textOf(name).split(' ');
      return { kind: kind.join(' '), state: jobStateOf(state), count: integerOf(count) };
    });
  }
}
