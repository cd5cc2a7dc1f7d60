import { create, toJsonString } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { modelEvents, modelEventTypes, topics } from '@parley/contracts';
import type { ModelEventType } from '@parley/contracts';
import type { EventPublisher } from '@parley/events/ports';
import { newUuid, uuidFromName } from '@parley/kernel';
import type { Clock, ParleyError } from '@parley/kernel';
import type { SequenceStore } from '@parley/state/ports';
import type { LoadedFact, ModelIdentity, SwitchedFact } from '../../ports/model-events.ts';
import { FactQueue } from './fact-queue.ts';
import type { FactQueueWatch } from './fact-queue.ts';

/** Model events concern the whole installation, no tenant. */
const noTenant = '';

/** Publishes what happens to models as events, in order, without making anybody wait. */
export class EventLogModelFacts {
  readonly #log: EventPublisher;
  readonly #sequences: SequenceStore;
  readonly #clock: Clock;
  readonly #instanceId: string;
  readonly #queue: FactQueue;

  constructor(parts: {
    readonly log: EventPublisher;
    readonly sequences: SequenceStore;
    readonly clock: Clock;
    readonly instanceId: string;
    readonly watch: FactQueueWatch;
  }) {
    this.#log = parts.log;
    this.#sequences = parts.sequences;
    this.#clock = parts.clock;
    this.#instanceId = parts.instanceId;
    this.#queue = new FactQueue(parts.watch);
  }

  loaded({ model, engine, loadMs, memory }: LoadedFact): void {
    const atMs = this.#clock.now();
    const payload = create(modelEvents.ModelLoadedSchema, {
      model,
      engine,
      instanceId: this.#instanceId,
      loadMs,
      weightsBytes: BigInt(memory.weightsBytes),
      kvBytes: BigInt(memory.kvBytes),
      at: timestampFromMs(atMs),
    });
    this.#publish(modelEventTypes.loaded, model, atMs, toJsonString(modelEvents.ModelLoadedSchema, payload));
  }

  failed(model: ModelIdentity, error: ParleyError): void {
    const atMs = this.#clock.now();
    const { code, message, retryable } = error;
    const payload = create(modelEvents.ModelFailedSchema, {
      model,
      instanceId: this.#instanceId,
      error: { code, message, param: '', retryable, retryAfterMs: 0 },
      at: timestampFromMs(atMs),
    });
    this.#publish(modelEventTypes.failed, model, atMs, toJsonString(modelEvents.ModelFailedSchema, payload));
  }

  unloaded(model: ModelIdentity): void {
    const atMs = this.#clock.now();
    const payload = create(modelEvents.ModelUnloadedSchema, {
      model,
      instanceId: this.#instanceId,
      at: timestampFromMs(atMs),
    });
    this.#publish(
      modelEventTypes.unloaded,
      model,
      atMs,
      toJsonString(modelEvents.ModelUnloadedSchema, payload),
    );
  }

  /** A move is told once, by whoever carries the order out; told again, it has the same id. */
  switched({ alias, from, to, generation }: SwitchedFact): void {
    const atMs = this.#clock.now();
    const payload = create(modelEvents.ModelSwitchedSchema, {
      alias,
      from,
      to,
      instanceId: this.#instanceId,
      at: timestampFromMs(atMs),
    });
    const id = uuidFromName(`switched:${alias}:${generation}:${to.digest}`);
    const data = toJsonString(modelEvents.ModelSwitchedSchema, payload);
    this.#publish(modelEventTypes.switched, to, atMs, data, id);
  }

  /** Resolves when everything told is durable; what is not when `signal` aborts is lost, and counted. */
  async close(signal: AbortSignal): Promise<void> {
    await this.#queue.close(signal);
  }

  #publish(
    type: ModelEventType,
    { name }: ModelIdentity,
    occurredAtMs: number,
    data: string,
    id = newUuid(),
  ): void {
    const source = `/parley/model/${this.#instanceId}`;
    const place = { topic: topics.model, key: name, subject: name, tenant: noTenant };
    const event = { id, type, source, ...place, occurredAtMs, data };
    let sequence: number | undefined;
    this.#queue.add(async () => {
      sequence ??= await this.#sequences.next(`${topics.model}/${name}`);
      await this.#log.append([{ ...event, sequence }]);
    });
  }
}
