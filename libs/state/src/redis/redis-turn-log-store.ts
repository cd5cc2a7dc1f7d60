import type { Fence, LoggedEntry, TurnLogStore } from '../ports.ts';
import { entryArguments } from './event-arguments.ts';
import { fenceText } from './fence-text.ts';
import type { KeySpace, SlotKeys } from './key-space.ts';
import type { RedisClient } from './redis-client.ts';
import { requireDone } from './redis-turn-store.ts';
import { integerOf, integersOf, listOf, pairsOf, textOf } from './reply.ts';

/** Turns one step cleans at most, so that a large clean-up never holds up the other commands. */
const turnsPerStep = 250;

/** Logs as streams, one per turn, in the turn's slot. An entry comes after all that are there. */
export class RedisTurnLogStore implements TurnLogStore {
  readonly #client: RedisClient;
  readonly #keys: KeySpace;

  constructor(client: RedisClient, keys: KeySpace) {
    this.#client = client;
    this.#keys = keys;
  }

  async append(turnId: string, fence: Fence, entries: readonly LoggedEntry[]): Promise<void> {
    const args = [turnId, fenceText(fence), ...entryArguments(entries)];
    const reply = await this.#client.write('append', this.#keys.ofTurn(turnId).turnKeys(turnId), args);
    requireDone(textOf(listOf(reply)[0]), turnId);
  }

  /** A turn that is not there counts as ended: nothing will ever follow. */
  async read(
    turnId: string,
    after: number,
    limit: number,
  ): Promise<{ entries: LoggedEntry[]; ended: boolean }> {
    const keys = this.#keys.ofTurn(turnId);
    const reply = await this.#client.read(
      'read_log',
      [keys.turn(turnId), keys.log(turnId)],
      [after, limit + 1],
    );
    const [running, ...rest] = listOf(reply);
    const found = pairsOf(rest).map(([sequence, body]) => ({
      sequence: integerOf(sequence),
      body: textOf(body),
    }));
    return { entries: found.slice(0, limit), ended: integerOf(running) === 0 && found.length <= limit };
  }

  expireLogs(endedBeforeMs: number, limit: number): Promise<number> {
    return this.#expire('expire_logs', endedBeforeMs, limit, (keys) => ({
      keys: [keys.logged],
      prefixes: [keys.log('')],
    }));
  }

  expireTurns(which: 'stored' | 'unstored', endedBeforeMs: number, limit: number): Promise<number> {
    return this.#expire('expire_turns', endedBeforeMs, limit, (keys) => ({
      keys: [keys.ended(which), keys.logged, keys.sequences],
      prefixes: [keys.turn(''), keys.log('')],
    }));
  }

  /** Asks all slots how much they have, then clears as much of it as `limit` allows. */
  async #expire(
    name: string,
    endedBeforeMs: number,
    limit: number,
    workOf: (keys: SlotKeys) => Expiry,
  ): Promise<number> {
    const work = this.#keys.slots.map(workOf);
    const counting = work.map(({ keys }) => ({ keys: keys.slice(0, 1), args: [endedBeforeMs] }));
    let total = 0;
    while (total < limit) {
      const counts = integersOf(await this.#client.readEach('count_ended', counting));
      const shares = sharesOf(counts, limit - total);
      const calls = work.flatMap(({ keys, prefixes }, at) => {
        const most = shares[at] ?? 0;
        return most === 0 ? [] : [{ keys, args: [endedBeforeMs, most, ...prefixes] }];
      });
      if (calls.length === 0) break;
      const done = integersOf(await this.#client.writeEach(name, calls));
      total += done.reduce((sum, count) => sum + count, 0);
    }
    return total;
  }
}

/** What to clear in a slot: the keys of the function, the index of ended turns first, and beginnings of others. */
interface Expiry {
  readonly keys: readonly string[];
  readonly prefixes: readonly string[];
}

/** How many of each slot's turns one step clears: no more than `most` in all, so that it never holds others up. */
function sharesOf(counts: readonly number[], most: number): number[] {
  let room = Math.min(most, turnsPerStep);
  return counts.map((count) => {
    const share = Math.min(count, room);
    room -= share;
    return share;
  });
}
