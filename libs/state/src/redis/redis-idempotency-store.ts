import { shardOf } from '@parley/kernel';
import type { Claim, Fence, IdempotencyStore, NewClaim } from '../ports.ts';
import { fenceOf, fenceText } from './fence-text.ts';
import type { KeySpace } from './key-space.ts';
import { RedisClient } from './redis-client.ts';
import { optionalTextOf, textsOf } from './reply.ts';

/** Claims as hashes in the slot of their name; a step is one function on that slot. */
export class RedisIdempotencyStore implements IdempotencyStore {
  readonly #client: RedisClient;
  readonly #keys: KeySpace;

  constructor(client: RedisClient, keys: KeySpace) {
    this.#client = client;
    this.#keys = keys;
  }

  async claim(name: string, claim: NewClaim): Promise<Claim & { readonly mine: boolean }> {
    const args = [RedisClient.stamp(), claim.fingerprint, claim.subject, claim.holdMs, claim.keepMs];
    const reply = textsOf(await this.#client.write('claim_key', this.#keysOf(name), args));
    const [fence = '', fingerprint = '', subject = '', held, settled, mine] = reply;
    return {
      fingerprint,
      subject,
      fence: fenceOf(fence),
      held: held === '1',
      settled: settled === '1',
      mine: mine === '1',
    };
  }

  async takeOver(name: string, fence: Fence, holdMs: number): Promise<Fence | undefined> {
    const args = [RedisClient.stamp(), fenceText(fence), holdMs];
    const next = optionalTextOf(await this.#client.write('take_over_key', this.#keysOf(name), args));
    return next === undefined ? undefined : fenceOf(next);
  }

  async settle(name: string, fence: Fence, subject: string, keepMs: number): Promise<void> {
    await this.#client.write('settle_key', this.#keysOf(name), [fenceText(fence), subject, keepMs]);
  }

  async release(name: string, fence: Fence): Promise<void> {
    await this.#client.write('release_key', this.#keysOf(name), [fenceText(fence)]);
  }

  async forget(name: string, fence: Fence): Promise<void> {
    await this.#client.write('forget_key', this.#keysOf(name), [fenceText(fence)]);
  }

  #keysOf(name: string): readonly string[] {
    const slot = this.#keys.at(shardOf(name));
    return [slot.fence, slot.claim(name)];
  }
}
