import type { ControlValue, RebuildStore, RebuiltTurn } from '../ports.ts';
import type { KeySpace } from './key-space.ts';
import { RedisClient } from './redis-client.ts';
import { integerOf } from './reply.ts';

/** Writes back what a flush took; a call that is sent twice does the same twice. */
export class RedisRebuildStore implements RebuildStore {
  readonly #client: RedisClient;
  readonly #keys: KeySpace;

  constructor(client: RedisClient, keys: KeySpace) {
    this.#client = client;
    this.#keys = keys;
  }

  async turn({ id, tenant, document, createdAtMs, endedAtMs }: RebuiltTurn): Promise<boolean> {
    const args = [id, RedisClient.stamp(), tenant, document, createdAtMs, endedAtMs];
    const keys = this.#keys.ofTurn(id).turnKeys(id);
    return integerOf(await this.#client.write('rebuild_turn', keys, args)) === 1;
  }

  async control({ key, value, version }: ControlValue): Promise<boolean> {
    const args = [key, value, version];
    return integerOf(await this.#client.write('rebuild_control', [this.#keys.control], args)) === 1;
  }
}
