import { topics, userEventTypes, userKey } from '@parley/contracts';
import type { EventPublisher } from '@parley/events/ports';
import { newUuid } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { SequenceStore } from '@parley/state/ports';
import type { ErasureFacts } from '../../ports/erasure-facts.ts';

/** Publishes erasures on the conversation topic, where the texts have gone before. */
export class EventLogErasureFacts implements ErasureFacts {
  readonly #log: EventPublisher;
  readonly #sequences: () => Promise<SequenceStore>;
  readonly #clock: Clock;
  readonly #source: string;

  /**
   * @param sequences opens the store when it is first needed
   * @param source the process that says it: `/parley/logging/<instance id>`
   */
  constructor(log: EventPublisher, sequences: () => Promise<SequenceStore>, clock: Clock, source: string) {
    this.#log = log;
    this.#sequences = sequences;
    this.#clock = clock;
    this.#source = source;
  }

  async erased(tenant: string, endUser: string): Promise<string> {
    const occurredAtMs = this.#clock.now();
    const key = userKey(tenant, endUser);
    const id = newUuid();
    const sequences = await this.#sequences();
    const data = { tenant, endUser, erasedAt: new Date(occurredAtMs).toISOString() };
    await this.#log.append([
      {
        id,
        type: userEventTypes.erased,
        source: this.#source,
        topic: topics.conversation,
        key,
        subject: key,
        tenant,
        occurredAtMs,
        sequence: await sequences.next(`${topics.conversation}/${key}`),
        data: JSON.stringify(data),
      },
    ]);
    return id;
  }
}
