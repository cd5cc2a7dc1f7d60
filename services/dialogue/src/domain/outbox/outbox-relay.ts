import { ParleyError, sleep, untilAborted } from '@parley/kernel';
import type { EventPublisher, EventRecord } from '@parley/events/ports';
import type { Fence, Outbox, PendingEvent } from '@parley/state/ports';
import type { UpkeepWatch } from '../../ports/upkeep-watch.ts';
import { backoffMs } from '../backoff.ts';
import type { PublishingGate } from './publishing-gate.ts';
import type { ShardLeases } from './shard-leases.ts';

const shortestPollMs = 50;
const longestPollMs = 1_000;
const batchSize = 256;
/** How long a shard rests whose next event the event log never takes as it is. */
const refusedRestMs = 60_000;

/** Waiting for one event to be published. */
export interface PublicationWatch {
  /** Resolves when the event is published, or after `ms`. */
  wait(ms: number): Promise<void>;
  close(): void;
}

/** How the relay names and paces itself. */
export interface RelaySettings {
  /** The CloudEvents source of what it publishes. */
  readonly source: string;
  /** Whether turns run here, so that events are on their way. */
  readonly busy: () => boolean;
  readonly gate: PublishingGate;
}

/**
 * Brings committed events from the outbox to the event log: of the shards whose lease this instance holds, in their
 * order, and takes them out only once they are durable there. Twice published is harmless (the id is known), lost or
 * out of order is impossible. An event that the log refuses for good holds up its own shard only.
 */
export class OutboxRelay {
  readonly #outbox: Outbox;
  readonly #publisher: EventPublisher;
  readonly #leases: ShardLeases;
  readonly #watch: UpkeepWatch;
  readonly #settings: RelaySettings;
  readonly #watched = new Map<string, () => void>();
  /** Shards that rest, and until when. */
  readonly #resting = new Map<number, number>();
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #kicked = false;
  #wake: (() => void) | undefined;

  constructor(
    outbox: Outbox,
    publisher: EventPublisher,
    leases: ShardLeases,
    watch: UpkeepWatch,
    settings: RelaySettings,
  ) {
    this.#outbox = outbox;
    this.#publisher = publisher;
    this.#leases = leases;
    this.#watch = watch;
    this.#settings = settings;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Says that a commit has just put events into the outbox. */
  kick(): void {
    this.#kicked = true;
    this.#wake?.();
  }

  /** To be called before the commit that carries the event. */
  watch(eventId: string): PublicationWatch {
    const published = Promise.withResolvers<void>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const close = (): void => {
      clearTimeout(timer);
      this.#watched.delete(eventId);
    };
    this.#watched.set(eventId, published.resolve);
    return {
      wait: (ms) => {
        timer = setTimeout(published.resolve, ms);
        return published.promise;
      },
      close,
    };
  }

  /** Publishes until nothing of this instance's shards is left or `signal` aborts; what cannot be published stays. */
  async flush(signal: AbortSignal): Promise<void> {
    const publish = async (): Promise<void> => {
      while (!signal.aborted && (await this.#publishBatch()) > 0);
    };
    const failed = (error: unknown): void => this.#watch.taskFailed('outbox flush', error);
    await Promise.race([publish().catch(failed), untilAborted(signal)]);
  }

  /**
   * Ends the loop, and waits for what it has on its way until `signal` aborts; what is left stays in the outbox for
   * whoever takes the shards.
   * @returns whether nothing is on its way any more.
   */
  async stop(signal: AbortSignal): Promise<boolean> {
    this.#stopping.abort();
    this.#wake?.();
    return Promise.race([this.#running?.then(() => true) ?? true, untilAborted(signal).then(() => false)]);
  }

  async #run(): Promise<void> {
    let failures = 0;
    let pollMs = shortestPollMs;
    while (!this.#stopping.signal.aborted) {
      try {
        this.#kicked = false;
        const published = await this.#publishBatch();
        failures = 0;
        if (published === batchSize) continue;
        pollMs =
          published > 0 || this.#settings.busy() ? shortestPollMs : Math.min(longestPollMs, pollMs * 2);
        await this.#idle(pollMs);
      } catch (error) {
        this.#watch.taskFailed('outbox relay', error);
        await sleep(backoffMs(++failures, 100, 5_000), this.#stopping.signal).catch(() => undefined);
      }
    }
  }

  async #publishBatch(): Promise<number> {
    const now = performance.now();
    const fences = new Map(
      [...this.#leases.held()].filter(([shard]) => (this.#resting.get(shard) ?? 0) <= now),
    );
    if (fences.size === 0) return 0;
    const events = await this.#outbox.pending([...fences.keys()], batchSize);
    if (events.length === 0) return 0;
    try {
      await this.#publish(events, fences);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      for (const ofShard of Map.groupBy(events, ({ shard }) => shard).values())
        await this.#publishOneByOne(ofShard, fences);
    }
    return events.length;
  }

  async #publish(events: readonly PendingEvent[], fences: ReadonlyMap<number, Fence>): Promise<void> {
    this.#settings.gate.sending();
    await this.#publisher.append(events.map((event) => toRecord(event, this.#settings.source)));
    this.#settings.gate.acknowledged();
    for (const event of events) this.#watched.get(event.id)?.();
    const shards = new Set(events.map((event) => event.shard));
    await this.#outbox.remove(events, new Map([...fences].filter(([shard]) => shards.has(shard))));
  }

  /** Publishes a shard's events up to the one that is refused; that one is tried again later. */
  async #publishOneByOne(events: readonly PendingEvent[], fences: ReadonlyMap<number, Fence>): Promise<void> {
    for (const event of events) {
      try {
        await this.#publish([event], fences);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        this.#resting.set(event.shard, performance.now() + refusedRestMs);
        this.#watch.eventRefused(event, error);
        // It was an answer.
        this.#settings.gate.acknowledged();
        return;
      }
    }
  }

  /** Waits for a kick, at most `ms`. */
  async #idle(ms: number): Promise<void> {
    if (this.#kicked || this.#stopping.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}

/** Whether trying again as it is will never help. */
function isRefusal(error: unknown): boolean {
  return error instanceof ParleyError && !error.retryable;
}

function toRecord(event: PendingEvent, source: string): EventRecord {
  const { id, type, topic, key, subject, tenant, occurredAtMs, sequence, data, traceparent } = event;
  const record = { id, type, source, topic, key, subject, tenant, occurredAtMs, sequence, data };
  return traceparent === undefined ? record : { ...record, traceparent };
}
