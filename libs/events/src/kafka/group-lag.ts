import type { KafkaAdmin } from './kafka-admin.ts';
import type { TopicNames } from './topic-names.ts';

/** How old an answer may be. */
const freshMs = 1_000;

/** How many records a group has not handled; asks the cluster once a second at most. */
export class GroupLag {
  readonly #admin: KafkaAdmin;
  readonly #names: TopicNames;
  readonly #group: string;
  readonly #topics: readonly string[];
  #asked: Promise<number> | undefined;
  #askedAt = 0;

  constructor(admin: KafkaAdmin, names: TopicNames, group: string, topics: readonly string[]) {
    this.#admin = admin;
    this.#names = names;
    this.#group = group;
    this.#topics = topics;
  }

  /** @throws ParleyError `unavailable`. */
  current(): Promise<number> {
    if (this.#asked !== undefined && performance.now() - this.#askedAt < freshMs) return this.#asked;
    this.#askedAt = performance.now();
    const asking = this.#ask();
    this.#asked = asking;
    // A failure is told to whoever asked, and to nobody later.
    asking.catch(() => {
      if (this.#asked === asking) this.#asked = undefined;
    });
    return asking;
  }

  #ask(): Promise<number> {
    const groupId = this.#names.group(this.#group);
    const names = this.#topics.map((topic) => this.#names.outside(topic));
    return this.#admin.ask(`lag of ${this.#group}`, async (admin) => {
      const committed = await admin.fetchOffsets({ groupId, topics: names });
      let lag = 0;
      for (const name of names) {
        const places = committed.find(({ topic }) => topic === name)?.partitions ?? [];
        const placeOf = new Map(places.map(({ partition, offset }) => [partition, Number(offset)]));
        for (const { partition, low, high } of await admin.fetchTopicOffsets(name)) {
          lag += Math.max(0, Number(high) - Math.max(Number(low), placeOf.get(partition) ?? -1));
        }
      }
      return lag;
    });
  }
}
