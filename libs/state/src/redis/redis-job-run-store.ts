import { ParleyError } from '@parley/kernel';
import type { Fence, JobEnd, JobRunStore, StoredJob } from '../ports.ts';
import { fenceText } from './fence-text.ts';
import { jobOf, optionalJobOf } from './job-text.ts';
import type { KeySpace } from './key-space.ts';
import { RedisClient } from './redis-client.ts';
import { integerOf, listOf } from './reply.ts';

/** Jobs in the same hashes, for those who run them. */
export class RedisJobRunStore implements JobRunStore {
  readonly #client: RedisClient;
  readonly #keys: KeySpace;

  constructor(client: RedisClient, keys: KeySpace) {
    this.#client = client;
    this.#keys = keys;
  }

  async claim(kinds: readonly string[], owner: string, ttlMs: number): Promise<StoredJob | undefined> {
    const args = [RedisClient.stamp(), owner, ttlMs, ...kinds];
    return optionalJobOf(await this.#client.write('claim_job', this.#keys.jobKeys, args));
  }

  async renew(owner: string, ttlMs: number): Promise<StoredJob[]> {
    return listOf(await this.#client.write('renew_jobs', this.#keys.jobKeys, [owner, ttlMs])).map(jobOf);
  }

  async save(id: string, fence: Fence, document: string): Promise<void> {
    const args = [id, fenceText(fence), document];
    requireOwned(await this.#client.write('save_job', this.#keys.jobKeys, args), id);
  }

  async end(id: string, fence: Fence, { state, document, endedAtMs }: JobEnd): Promise<void> {
    const args = [id, fenceText(fence), RedisClient.stamp(), state, document, endedAtMs];
    requireOwned(await this.#client.write('end_job', this.#keys.jobKeys, args), id);
  }

  async release(id: string, fence: Fence): Promise<void> {
    await this.#client.write('release_job', this.#keys.jobKeys, [id, fenceText(fence)]);
  }
}

function requireOwned(reply: unknown, id: string): void {
  if (integerOf(reply) === 1) return;
  throw new ParleyError('stale_fence', `Job ${id} has ended or belongs to another owner.`);
}
