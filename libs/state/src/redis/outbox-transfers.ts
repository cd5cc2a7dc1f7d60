import type { KeySpace } from './key-space.ts';
import { dataBytesOf } from './event-arguments.ts';
import type { Argument, RedisClient } from './redis-client.ts';
import { integerOf, listOf, optionalTextOf, streamEntriesOf, textOf } from './reply.ts';

const batchSize = 100;

interface Transfer {
  readonly number: number;
  readonly target: number;
  readonly arguments: readonly Argument[];
  readonly dataBytes: number;
}

/**
 * Brings events whose key lies in another slot than their turn from the turn's slot, where the commit left them, to their
 * own. Each is put in once, whoever brings it and however often: the target remembers, per origin and its epoch, the
 * number of the last one. If the committing process dies in between, the next reader of the origin's outbox does it.
 */
export class OutboxTransfers {
  readonly #client: RedisClient;
  readonly #keys: KeySpace;

  constructor(client: RedisClient, keys: KeySpace) {
    this.#client = client;
    this.#keys = keys;
  }

  /**
   * Brings everything that waits in a slot. What cannot be brought now stays, counted in the outbox's size, for the next
   * reader: neither the commit that left it there nor the events of other slots fail for it.
   */
  async deliver(slot: number): Promise<void> {
    try {
      while ((await this.#deliverBatch(slot)) === batchSize);
    } catch {
      // Whoever reads the outbox next tries again.
    }
  }

  async #deliverBatch(slot: number): Promise<number> {
    const { transfers: stream, fence, totals } = this.#keys.at(slot);
    const [epoch, waiting] = listOf(await this.#client.read('transfers', [stream, fence], [batchSize]));
    const transfers = streamEntriesOf(waiting).map(transferOf);
    if (transfers.length === 0) return 0;
    const origin = `${slot}:${optionalTextOf(epoch) ?? ''}`;
    const byTarget = Map.groupBy(transfers, ({ target }) => target);
    const calls = [...byTarget].map(([target, own]) => {
      const { sequences, outbox, totals: targetTotals, received } = this.#keys.at(target);
      const args = own.flatMap((transfer) => transfer.arguments);
      return { keys: [sequences, outbox, targetTotals, received], args: [origin, ...args] };
    });
    await this.#client.writeEach('receive', calls);
    const done = transfers.flatMap(({ number, dataBytes }) => [number, dataBytes]);
    await this.#client.write('transferred', [stream, totals], done);
    return transfers.length;
  }
}

function transferOf({
  number,
  fields,
}: {
  readonly number: number;
  readonly fields: ReadonlyMap<string, string>;
}): Transfer {
  const [at, key, meta, data] = ['a', 'k', 'm', 'd'].map((name) => textOf(fields.get(name)));
  return {
    number,
    target: integerOf(fields.get('t')),
    arguments: [number, at ?? '', key ?? '', meta ?? '', data ?? ''],
    dataBytes: dataBytesOf(data ?? ''),
  };
}
