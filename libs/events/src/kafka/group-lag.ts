import type { KafkaAdmin } from './kafka-admin.ts';
import type { TopicNames } from './topic-names.ts';

/** How old an answer may be. */
const freshMs = 1_000;

/** How many records a group has not handled; asks the cluster one question at a time, a second after the last. */
export class GroupLag {
  readonly #admin: KafkaAdmin;
  readonly #names: TopicNames;
  readonly #group: string;
  readonly #topics: readonly string[];
  #asked: Promise<number> | undefined;
  #answeredAt: number | undefined;

  constructor(admin: KafkaAdmin, names: TopicNames, group: string, topics: readonly string[]) {
    this.#admin = admin;
    this.#names = names;
    this.#group = group;
    this.#topics = topics;
  }

  /** @throws ParleyError `unavailable`. */
  current(): Promise<number> {
    const old = this.#answeredAt !== undefined && performance.now() - this.#answeredAt >= freshMs;
    if (this.#asked !== undefined && !old) return this.#asked;
    this.#answeredAt = undefined;
    this.#asked = this.#ask().finally(() => (this.#answeredAt = performance.now()));
    return this.#asked;
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
