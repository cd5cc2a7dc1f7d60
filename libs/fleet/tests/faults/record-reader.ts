import { setTimeout as sleep } from 'node:timers/promises';
import { textOf } from '../support/test-fleet.ts';
import type { RecordedEvent as ApiEvent } from '../support/test-fleet.ts';
import { statusOf } from './checker.ts';
import type { RecordedEvent } from './checker.ts';
import type { Gateways } from './client.ts';

interface Page {
  readonly data: readonly (Omit<ApiEvent, 'turn_id'> & {
    readonly key: string;
    readonly cursor: string;
    readonly turn_id: string | null;
  })[];
  readonly next: string | null;
}

const pageSize = 1_000;
const pageLimitMs = 10_000;
const againMs = 250;

/** Reads the record by its cursor, from where it stood at last: what comes later must be found behind it. */
export class RecordReader {
  readonly #gateways: Gateways;
  #after = '';
  #events: RecordedEvent[] = [];

  constructor(gateways: Gateways) {
    this.#gateways = gateways;
  }

  /** Everything read since the last `forget`. */
  get events(): readonly RecordedEvent[] {
    return this.#events;
  }

  /** Drops what was read; reading goes on at the same place. */
  forget(): void {
    this.#events = [];
  }

  /** Reads to the end of the record as it is now. @throws Error when no gateway answers */
  async readOn(): Promise<void> {
    for (;;) {
      const { data, next } = await this.#page();
      this.#events.push(...data.map(recorded));
      this.#after = next ?? data.at(-1)?.cursor ?? this.#after;
      if (next === null) return;
    }
  }

  /** Reads on until all of these turns have an end, at most until `untilMs`. Tells which have none. */
  async untilEnded(ids: readonly string[], untilMs: number): Promise<string[]> {
    for (;;) {
      const failed = await this.readOn().then(
        () => undefined,
        (error: unknown) => error,
      );
      const ended = new Set(
        this.#events.filter((event) => statusOf(event) !== undefined).map(({ turnId }) => turnId),
      );
      const open = ids.filter((id) => !ended.has(id));
      if (open.length === 0 && failed === undefined) return [];
      if (performance.now() > untilMs) {
        if (failed !== undefined) throw failed;
        return open;
      }
      await sleep(againMs);
    }
  }

  /** The turns of the record that were accepted and have no end in it. */
  get openTurns(): string[] {
    const byTurn = Map.groupBy(this.#events, ({ turnId }) => turnId);
    byTurn.delete('');
    return [...byTurn]
      .filter(([, events]) => events.every((event) => statusOf(event) === undefined))
      .map(([id]) => id);
  }

  async #page(): Promise<Page> {
    const { urls, apiKey } = this.#gateways;
    const after = this.#after === '' ? '' : `&after=${encodeURIComponent(this.#after)}`;
    let last: unknown;
    for (const url of urls) {
      try {
        const response = await fetch(`${url}/admin/v1/events?limit=${pageSize}${after}`, {
          headers: { authorization: `Bearer ${apiKey}` },
          signal: AbortSignal.timeout(pageLimitMs),
        });
        if (response.status === 200) return (await response.json()) as Page;
        last = new Error(`the record: ${response.status} ${await response.text()}`);
      } catch (error) {
        last = error;
      }
    }
    throw last;
  }
}

function recorded(event: Page['data'][number]): RecordedEvent {
  const { id, type, key, sequence, turn_id: turnId } = event;
  return { id, type, key, sequence, turnId: turnId ?? '', text: textOf({ ...event, turn_id: turnId ?? '' }) };
}
