import type { SequenceStore } from '../ports.ts';
import { slotOfKey } from './key-space.ts';
import type { KeySpace } from './key-space.ts';
import type { RedisClient } from './redis-client.ts';
import { integerOf } from './reply.ts';

/**
 * Numbers in the hash that commits take theirs from: a key has one row of numbers, whoever asks. A number whose answer
 * is lost with its connection is left out.
 */
export class RedisSequenceStore implements SequenceStore {
  readonly #client: RedisClient;
  readonly #keys: KeySpace;

  constructor(client: RedisClient, keys: KeySpace) {
    this.#client = client;
    this.#keys = keys;
  }

  async next(key: string): Promise<number> {
    const { sequences } = this.#keys.at(slotOfKey(key));
    return integerOf(await this.#client.write('next_number', [sequences], [key]));
  }
}
