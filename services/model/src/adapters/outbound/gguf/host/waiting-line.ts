/** What waits: higher priority first, then in order of arrival. */
export interface Waiting {
  readonly id: string;
  readonly priority: number;
}

/** The line before the slots; whoever adds to it keeps it bounded. */
export class WaitingLine<Job extends Waiting> {
  #jobs: Job[] = [];

  get length(): number {
    return this.#jobs.length;
  }

  add(job: Job): void {
    const behind = this.#jobs.findLastIndex((other) => other.priority >= job.priority);
    this.#jobs.splice(behind + 1, 0, job);
  }

  next(): Job | undefined {
    return this.#jobs.shift();
  }

  remove(id: string): Job | undefined {
    const index = this.#jobs.findIndex((job) => job.id === id);
    return index === -1 ? undefined : this.#jobs.splice(index, 1)[0];
  }

  /** Takes out all jobs that `matches` says yes to. */
  removeAll(matches: (job: Job) => boolean): Job[] {
    const taken = this.#jobs.filter(matches);
    if (taken.length > 0) this.#jobs = this.#jobs.filter((job) => !matches(job));
    return taken;
  }
}
