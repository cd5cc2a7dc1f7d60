import { ParleyError } from '@parley/kernel';
import type { Fence, LoggedEntry, NewTurn, OutboxEvent, StoredTurn, TurnEnd, TurnStore } from '../ports.ts';
import { entryArguments, eventArguments, hasTransfers } from './event-arguments.ts';
import { fenceOf, fenceText } from './fence-text.ts';
import type { KeySpace } from './key-space.ts';
import type { OutboxRoom } from './outbox-room.ts';
import type { OutboxTransfers } from './outbox-transfers.ts';
import { RedisClient } from './redis-client.ts';
import { integerOf, optionalTextOf, textsOf } from './reply.ts';
import { turnFields, turnOf } from './turn-fields.ts';

/** Turns as hashes, their indices beside them in the turn's slot; each method that writes is one function. */
export class RedisTurnStore implements TurnStore {
  readonly #client: RedisClient;
  readonly #keys: KeySpace;
  readonly #room: OutboxRoom;
  readonly #transfers: OutboxTransfers;

  constructor(client: RedisClient, keys: KeySpace, room: OutboxRoom, transfers: OutboxTransfers) {
    this.#client = client;
    this.#keys = keys;
    this.#room = room;
    this.#transfers = transfers;
  }

  async accept(
    turn: NewTurn,
    entries: readonly LoggedEntry[],
    events: readonly OutboxEvent[],
  ): Promise<Fence> {
    const { id, tenant, stored, owner, createdAtMs, document } = turn;
    await this.#room.require(events);
    const keys = this.#keys.ofTurn(id);
    const head = [id, RedisClient.stamp(), tenant, stored ? 1 : 0, owner, createdAtMs, document];
    const reply = await this.#client.write('accept', keys.turnKeys(id), [
      ...head,
      ...entryArguments(entries),
      ...eventArguments(events, keys.slot),
    ]);
    const [outcome, fence = ''] = textsOf(reply);
    if (outcome === 'exists') throw new ParleyError('conflict', `Turn ${id} exists already.`);
    requireDone(outcome, id);
    await this.#committed(events, keys.slot);
    return fenceOf(fence);
  }

  async get(id: string): Promise<StoredTurn | undefined> {
    const reply = await this.#client.command('HMGET', [this.#keys.ofTurn(id).turn(id), ...turnFields]);
    return turnOf(id, reply);
  }

  async commit(id: string, fence: Fence, end: TurnEnd): Promise<void> {
    const keys = this.#keys.ofTurn(id);
    const head = [id, fenceText(fence), RedisClient.stamp(), end.document, end.endedAtMs];
    const reply = await this.#client.write('commit', keys.turnKeys(id), [
      ...head,
      ...entryArguments(end.entries),
      ...eventArguments(end.events, keys.slot),
    ]);
    requireDone(textsOf(reply)[0], id);
    await this.#committed(end.events, keys.slot);
  }

  async takeOver(id: string, fence: Fence, owner: string): Promise<Fence | undefined> {
    const args = [id, fenceText(fence), RedisClient.stamp(), owner];
    const next = optionalTextOf(
      await this.#client.write('take_over', this.#keys.ofTurn(id).turnKeys(id), args),
    );
    return next === undefined ? undefined : fenceOf(next);
  }

  async delete(id: string, events: readonly OutboxEvent[]): Promise<boolean> {
    await this.#room.require(events);
    const keys = this.#keys.ofTurn(id);
    const args = [id, ...eventArguments(events, keys.slot)];
    const deleted = integerOf(await this.#client.write('delete', keys.turnKeys(id), args)) === 1;
    if (deleted) await this.#committed(events, keys.slot);
    return deleted;
  }

  async #committed(events: readonly OutboxEvent[], slot: number): Promise<void> {
    this.#room.added(events);
    if (hasTransfers(events, slot)) await this.#transfers.deliver(slot);
  }
}

/** @throws ParleyError `stale_fence` or `conflict` as a function said it. */
export function requireDone(outcome: string | undefined, id: string): void {
  if (outcome === 'ok') return;
  if (outcome === 'stale')
    throw new ParleyError('stale_fence', `Turn ${id} has ended or belongs to another owner.`);
  throw new ParleyError('conflict', `The log of turn ${id} has entries of these numbers already.`);
}
