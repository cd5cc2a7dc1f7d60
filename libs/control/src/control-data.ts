import { controlTopic } from '@parley/contracts';
import type { EventLog } from '@parley/events/ports';
import { sleep } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { ControlStore, ControlValue, RebuildStore } from '@parley/state/ports';
import { recordOf, valueOf } from './control-record.ts';

/** Is told what happens; never throws. */
export interface ControlWatch {
  /** The store had lost values, as a flush does; they are there again. */
  rebuilt(keys: readonly string[]): void;
  /** Store and topic could not be brought together; it is tried again. */
  failed(error: unknown): void;
}

/** What control data lives in. */
export interface ControlDataParts {
  readonly store: ControlStore;
  readonly rebuild: RebuildStore;
  readonly log: Pick<EventLog, 'append' | 'read'>;
  /** The CloudEvents source of what is published: `/parley/model/<instance id>`. */
  readonly source: string;
  readonly clock: Clock;
  readonly watch: ControlWatch;
  /** Time between two looks at the store; default 5 s, the longest time that a flush goes unnoticed. */
  readonly syncMs?: number;
}

const pageSize = 500;
/** A start goes on with what the store has when the topic does not answer by then. */
const startMs = 10_000;

/**
 * Control data that outlives its store: the store answers, and every value is also in the compacted topic, from which
 * a store that has lost it is filled again. Of two versions of a value the higher one is true, wherever it is.
 */
export class ControlData implements ControlStore, AsyncDisposable {
  readonly #parts: ControlDataParts;
  /** The newest version of each value that the topic is known to have. */
  readonly #published = new Map<string, ControlValue>();
  readonly #closing = new AbortController();
  #place = '';
  #hasRead = false;
  /** The round that runs, or ran last. */
  #round: Promise<void> = Promise.resolve();
  #nextRound: Promise<void> | undefined;
  #running: Promise<void> | undefined;

  constructor(parts: ControlDataParts) {
    this.#parts = parts;
  }

  get(key: string): Promise<ControlValue | undefined> {
    return this.#parts.store.get(key);
  }

  list(prefix: string): Promise<ControlValue[]> {
    return this.#parts.store.list(prefix);
  }

  /** As durable as the store when it resolves; the topic follows at once, and later where it does not answer. */
  async put(key: string, value: string, expected: number): Promise<ControlValue | undefined> {
    const now = await this.#parts.store.put(key, value, expected);
    if (now !== undefined) void this.#tryToSync();
    return now;
  }

  /** Brings store and topic together, for at most 10 s, and keeps them so. Never rejects. */
  async start(): Promise<void> {
    await Promise.race([this.#tryToSync(), sleep(startMs, this.#closing.signal).catch(() => undefined)]);
    this.#running ??= this.#run();
  }

  /**
   * One round: what the store has lost is written back, what the topic lacks is published. It begins after the one that
   * runs, and all who ask meanwhile share it.
   * @throws ParleyError `unavailable` when one of them does not answer.
   */
  sync(): Promise<void> {
    this.#nextRound ??= this.#round
      .catch(() => undefined)
      .then(() => {
        this.#nextRound = undefined;
        this.#round = this.#syncNow();
        return this.#round;
      });
    return this.#nextRound;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#running;
    await (this.#nextRound ?? this.#round).catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { syncMs = 5_000 } = this.#parts;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await sleep(syncMs, signal).catch(() => undefined);
      if (!signal.aborted) await this.#tryToSync();
    }
  }

  async #tryToSync(): Promise<void> {
    try {
      await this.sync();
    } catch (error) {
      this.#parts.watch.failed(error);
    }
  }

  async #syncNow(): Promise<void> {
    if (!this.#hasRead) await this.#readTopic();
    const stored = await this.#stored();
    if (this.#lostFrom(stored).length > 0) {
      // Others may have published later versions since.
      await this.#readTopic();
      await this.#writeBack(this.#lostFrom(stored));
    }
    await this.#publish([...stored.values()]);
  }

  async #stored(): Promise<Map<string, ControlValue>> {
    return new Map((await this.#parts.store.list('')).map((value) => [value.key, value]));
  }

  #lostFrom(stored: ReadonlyMap<string, ControlValue>): ControlValue[] {
    return [...this.#published.values()].filter(
      ({ key, version }) => (stored.get(key)?.version ?? 0) < version,
    );
  }

  async #writeBack(lost: readonly ControlValue[]): Promise<void> {
    const written: string[] = [];
    for (const value of lost) if (await this.#parts.rebuild.control(value)) written.push(value.key);
    if (written.length > 0) this.#parts.watch.rebuilt(written);
  }

  async #publish(values: readonly ControlValue[]): Promise<void> {
    const { log, source, clock } = this.#parts;
    const owed = values.filter(({ key, version }) => (this.#published.get(key)?.version ?? 0) < version);
    if (owed.length === 0) return;
    await log.append(owed.map((value) => recordOf(value, source, clock.now())));
    for (const value of owed) this.#published.set(value.key, value);
  }

  async #readTopic(): Promise<void> {
    for (;;) {
      const { records, next } = await this.#parts.log.read(controlTopic, this.#place, pageSize);
      for (const record of records) {
        const value = valueOf(record);
        if (value !== undefined && (this.#published.get(value.key)?.version ?? 0) < value.version)
          this.#published.set(value.key, value);
      }
      this.#place = next;
      if (records.length === 0) break;
    }
    this.#hasRead = true;
  }
}
