import { ParleyError } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { TurnStore } from '@parley/state/ports';
import type { TurnEventEncoder } from '../../ports/turn-event-encoder.ts';
import type { OutboxRelay } from '../outbox/outbox-relay.ts';
import { noSuchTurn } from '../turn/stored-turns.ts';
import type { StoredTurns } from '../turn/stored-turns.ts';

/** Removes a turn from what the API gives back. */
export class DeleteTurn {
  readonly #store: TurnStore;
  readonly #turns: StoredTurns;
  readonly #encoder: TurnEventEncoder;
  readonly #relay: OutboxRelay;
  readonly #clock: Clock;

  constructor(
    store: TurnStore,
    turns: StoredTurns,
    encoder: TurnEventEncoder,
    relay: OutboxRelay,
    clock: Clock,
  ) {
    this.#store = store;
    this.#turns = turns;
    this.#encoder = encoder;
    this.#relay = relay;
    this.#clock = clock;
  }

  /** @throws ParleyError `not_found`; `conflict` while the turn runs. */
  async delete(id: string, tenant: string): Promise<void> {
    const { row, document } = await this.#turns.findStored(id, tenant);
    if (!row.ended) throw new ParleyError('conflict', `Response '${id}' still runs; cancel it first.`);
    const event = this.#encoder.deleted(document, this.#clock.now());
    // Gone between the two steps: somebody else deleted it.
    if (!(await this.#store.delete(id, [event]))) throw noSuchTurn(id);
    this.#relay.kick();
  }
}
