import { ParleyError } from '@parley/kernel';
import type { ControlStore, ControlValue } from '../ports.ts';
import type { KeySpace } from './key-space.ts';
import { RedisClient } from './redis-client.ts';
import { integerOf, optionalTextOf, pairsOf, textOf } from './reply.ts';

const stored = /^(\d+):[0-9a-f]*:(.*)$/s;

/** Control data in one hash: it is small, and read as a whole when it is listed. */
export class RedisControlStore implements ControlStore {
  readonly #client: RedisClient;
  readonly #keys: KeySpace;

  constructor(client: RedisClient, keys: KeySpace) {
    this.#client = client;
    this.#keys = keys;
  }

  async get(key: string): Promise<ControlValue | undefined> {
    const text = optionalTextOf(await this.#client.command('HGET', [this.#keys.control, key]));
    return text === undefined ? undefined : valueOf(key, text);
  }

  async list(prefix: string): Promise<ControlValue[]> {
    return pairsOf(await this.#client.command('HGETALL', [this.#keys.control]))
      .map(([key, value]) => valueOf(textOf(key), textOf(value)))
      .filter(({ key }) => key.startsWith(prefix))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async put(key: string, value: string, expected: number): Promise<ControlValue | undefined> {
    const args = [key, value, expected, RedisClient.stamp()];
    const version = integerOf(await this.#client.write('put_control', [this.#keys.control], args));
    return version === 0 ? undefined : { key, version, value };
  }
}

function valueOf(key: string, text: string): ControlValue {
  const [, version, value] = stored.exec(text) ?? [];
  if (version !== undefined && value !== undefined) return { key, version: Number(version), value };
  throw new ParleyError('internal', `The control value "${key}" in Redis is not one of Parley's.`);
}
