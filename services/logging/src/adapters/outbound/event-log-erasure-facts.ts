import { topics, userEventTypes, userKey } from '@parley/contracts';
import type { EventPublisher } from '@parley/events/ports';
import { cacheScopeOf, newUuid, opaqueScope } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import { ErasedScopes } from '@parley/state';
import type { StateStore } from '@parley/state/ports';
import type { ErasureFacts } from '../../ports/erasure-facts.ts';

/**
 * Publishes erasures on the conversation topic, where the texts have gone before, and tells the models, who do not read it,
 * what to forget.
 */
export class EventLogErasureFacts implements ErasureFacts {
  readonly #log: EventPublisher;
  readonly #state: () => Promise<Pick<StateStore, 'sequences' | 'control'>>;
  readonly #clock: Clock;
  readonly #source: string;

  /**
   * @param state opens the store when it is first needed
   * @param source the process that says it: `/parley/logging/<instance id>`
   */
  constructor(
    log: EventPublisher,
    state: () => Promise<Pick<StateStore, 'sequences' | 'control'>>,
    clock: Clock,
    source: string,
  ) {
    this.#log = log;
    this.#state = state;
    this.#clock = clock;
    this.#source = source;
  }

  async erased(tenant: string, endUser: string): Promise<string> {
    const occurredAtMs = this.#clock.now();
    const key = userKey(tenant, endUser);
    const id = newUuid();
    const { sequences, control } = await this.#state();
    await new ErasedScopes(control, this.#clock).add(tenant, opaqueScope(cacheScopeOf({ tenant, endUser })));
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
