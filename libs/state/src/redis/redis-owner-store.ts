import type { OwnerStore, StoredTurn } from '../ports.ts';
import type { KeySpace } from './key-space.ts';
import type { RedisClient } from './redis-client.ts';
import { listOf, textOf, textsOf } from './reply.ts';
import { turnFields, turnOf } from './turn-fields.ts';

/** Owners in one sorted set by the end of their time. One that is not in it is gone. */
export class RedisOwnerStore implements OwnerStore {
  readonly #client: RedisClient;
  readonly #keys: KeySpace;

  constructor(client: RedisClient, keys: KeySpace) {
    this.#client = client;
    this.#keys = keys;
  }

  async renew(owner: string, ttlMs: number): Promise<string[]> {
    return textsOf(await this.#client.write('renew_owner', [this.#keys.owners], [owner, ttlMs])).sort();
  }

  async release(owner: string): Promise<void> {
    await this.#client.write('release_owner', [this.#keys.owners], [owner]);
  }

  /**
   * First who has running turns, then who lives: an owner renews before its first turn, so one that came between the
   * two is never taken for gone. Most rounds find all owners alive and end there.
   */
  async orphans(limit: number): Promise<StoredTurn[]> {
    const { slots } = this.#keys;
    const all = slots.map((keys) => ({ keys: [keys.running], args: [keys.turn('')] }));
    const owners = (await this.#client.readEach('running_owners', all)).map(textsOf);
    const living = new Set(textsOf(await this.#client.read('living_owners', [this.#keys.owners])));
    const calls = slots.flatMap((keys, at) => {
      const gone = (owners[at] ?? []).filter((owner) => !living.has(owner));
      const args = [limit, keys.turn(''), turnFields.join(' '), ...gone];
      return gone.length === 0 ? [] : [{ keys: [keys.running], args }];
    });
    const found = (await this.#client.readEach('turns_of', calls)).map(turnsOf);
    return found
      .flat()
      .sort((a, b) => a.createdAtMs - b.createdAtMs)
      .slice(0, limit);
  }

  async running(owner: string, createdBeforeMs: number): Promise<string[]> {
    const calls = this.#keys.slots.map((keys) => ({
      keys: [keys.running],
      args: [keys.turn(''), owner, createdBeforeMs],
    }));
    return (await this.#client.readEach('running_of', calls)).flatMap(textsOf);
  }
}

function turnsOf(reply: unknown): StoredTurn[] {
  return listOf(reply)
    .map((found) => {
      const [id, fields] = listOf(found);
      return turnOf(textOf(id), fields);
    })
    .filter((turn) => turn !== undefined);
}
