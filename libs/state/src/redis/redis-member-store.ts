import type { Member, MemberStore } from '../ports.ts';
import type { KeySpace } from './key-space.ts';
import type { RedisClient } from './redis-client.ts';
import { pairsOf, textOf } from './reply.ts';

/** Members in one hash a group, which Redis itself forgets with the last of them. */
export class RedisMemberStore implements MemberStore {
  readonly #client: RedisClient;
  readonly #keys: KeySpace;

  constructor(client: RedisClient, keys: KeySpace) {
    this.#client = client;
    this.#keys = keys;
  }

  async announce(group: string, { name, body }: Member, ttlMs: number): Promise<Member[]> {
    return membersOf(
      await this.#client.write('announce_member', [this.#keys.members(group)], [name, body, ttlMs]),
    );
  }

  async list(group: string): Promise<Member[]> {
    return membersOf(await this.#client.read('list_members', [this.#keys.members(group)]));
  }

  async leave(group: string, name: string): Promise<void> {
    await this.#client.command('HDEL', [this.#keys.members(group), name]);
  }
}

function membersOf(reply: unknown): Member[] {
  return pairsOf(reply)
    .map(([name, body]) => ({ name: textOf(name), body: textOf(body) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
