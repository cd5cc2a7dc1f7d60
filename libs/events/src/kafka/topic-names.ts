/** How the fleet's names of topics and groups become those of the cluster. */
export class TopicNames {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** The cluster's name of a topic. */
  outside(topic: string): string {
    return `${this.#prefix}${topic}`;
  }

  /** The fleet's name of a topic of the cluster. */
  inside(name: string): string {
    return name.slice(this.#prefix.length);
  }

  /** The cluster's name of a group: `parley.<group>`, told apart from other programs' groups. */
  group(group: string): string {
    return `${this.#prefix}parley.${group}`;
  }
}
