/** What waits for a slot. */
export interface Queued {
  readonly id: string;
  /** Whose it is. */
  readonly tenant: string;
  /** Higher is served first, among -8 to 8; what lies beyond counts as these. */
  readonly priority: number;
  /** What it costs: tokens to read and to make. */
  readonly tokens: number;
  /** When it came, in milliseconds. */
  readonly since: number;
}

interface Entry<Job> {
  readonly job: Job;
  /** Place in the order of its priority: the tokens that its tenant had before it, on the clock of those served. */
  readonly start: number;
}

/** Whether so many requests with so many tokens leave room for another. */
type Room = (requests: number, tokens: number) => boolean;

const mostPriority = 8;
/** Accounts kept of tenants who had their turn and may come back. */
const spareAccounts = 64;
/** Whoever waits so long counts as one priority higher, up to the highest that waits. */
const agingMs = 5000;

/**
 * A line in which tenants take turns by the tokens that they ask for (start-time fair queuing), so that one who sends
 * much waits for himself. Higher priorities go first; who waits rises to them, never above them, so that none starves.
 */
export class FairQueue<Job extends Queued> {
  #entries: Entry<Job>[] = [];
  /** Where the next job of a tenant starts. */
  readonly #finish = new Map<string, number>();
  /** The start of the job that was served last. */
  #served = 0;
  #tokens = 0;

  get length(): number {
    return this.#entries.length;
  }

  /** Of all that wait. */
  get tokens(): number {
    return this.#tokens;
  }

  /** Tenants of which an account is kept. */
  get tenantsKnown(): number {
    return this.#finish.size;
  }

  add(job: Job): void {
    const start = this.#startOf(job.tenant);
    this.#finish.set(job.tenant, start + job.tokens);
    this.#entries.push({ job, start });
    this.#tokens += job.tokens;
  }

  /** Takes out whose turn it is. */
  next(now: number): Job | undefined {
    const top = this.#top();
    let best: Entry<Job> | undefined;
    let bestRank = 0;
    for (const entry of this.#entries) {
      const rank = rankOf(entry.job, now, top);
      if (best !== undefined && (rank < bestRank || (rank === bestRank && entry.start >= best.start)))
        continue;
      best = entry;
      bestRank = rank;
    }
    if (best === undefined) return undefined;
    this.#served = Math.max(this.#served, best.start);
    this.#leave(best);
    return best.job;
  }

  remove(id: string): Job | undefined {
    const entry = this.#entries.find(({ job }) => job.id === id);
    if (entry !== undefined) this.#leave(entry);
    return entry?.job;
  }

  /** Takes out all jobs that `matches` says yes to. */
  removeAll(matches: (job: Job) => boolean): Job[] {
    const taken = this.#entries.filter(({ job }) => matches(job));
    for (const entry of taken) this.#leave(entry);
    return taken.map(({ job }) => job);
  }

  /** Tokens of those that would be served before a job that comes now. */
  tokensBefore({ tenant, priority }: Pick<Job, 'tenant' | 'priority'>, now: number): number {
    const own = bounded(priority);
    const start = this.#startOf(tenant);
    const top = Math.max(own, this.#top());
    let sum = 0;
    for (const entry of this.#entries) {
      const rank = rankOf(entry.job, now, top);
      if (rank > own || (rank === own && entry.start <= start)) sum += entry.job.tokens;
    }
    return sum;
  }

  /**
   * Takes out newest jobs of the tenants that have most tokens waiting until one of `tenant` has room, as long as those
   * have more than `tenant` would have. @returns undefined, and nothing is taken out, where that is not enough.
   */
  makeRoom({ tenant, tokens }: Pick<Job, 'tenant' | 'tokens'>, hasRoom: Room): Job[] | undefined {
    const waiting = new Map<string, number>();
    for (const { job } of this.#entries) waiting.set(job.tenant, (waiting.get(job.tenant) ?? 0) + job.tokens);
    const own = (waiting.get(tenant) ?? 0) + tokens;
    const leaving = new Set<Entry<Job>>();
    let left = this.#tokens;
    while (!hasRoom(this.length - leaving.size, left)) {
      const [heaviest, most = 0] = [...waiting].reduce<readonly [string, number] | []>(heavier, []);
      if (heaviest === undefined || heaviest === tenant || most <= own) return undefined;
      const newest = this.#entries.findLast((entry) => entry.job.tenant === heaviest && !leaving.has(entry));
      if (newest === undefined) return undefined;
      leaving.add(newest);
      left -= newest.job.tokens;
      waiting.set(heaviest, most - newest.job.tokens);
    }
    for (const entry of leaving) this.#leave(entry);
    return [...leaving].map(({ job }) => job);
  }

  #leave(entry: Entry<Job>): void {
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    this.#tokens -= entry.job.tokens;
    if (this.#entries.length === 0) this.#reset();
    else if (this.#finish.size > 2 * this.#entries.length + spareAccounts) this.#forget();
  }

  /** Where nobody waits, nobody is ahead of anybody. */
  #reset(): void {
    this.#finish.clear();
    this.#served = 0;
    this.#tokens = 0;
  }

  /** Of those who wait for nothing. */
  #forget(): void {
    const waiting = new Set(this.#entries.map(({ job }) => job.tenant));
    for (const tenant of this.#finish.keys()) if (!waiting.has(tenant)) this.#finish.delete(tenant);
  }

  #startOf(tenant: string): number {
    return Math.max(this.#served, this.#finish.get(tenant) ?? 0);
  }

  #top(): number {
    return this.#entries.reduce((top, { job }) => Math.max(top, bounded(job.priority)), -mostPriority);
  }
}

function bounded(priority: number): number {
  return Math.min(mostPriority, Math.max(-mostPriority, priority));
}

function rankOf({ priority, since }: Queued, now: number, top: number): number {
  return Math.min(top, bounded(priority) + Math.max(0, Math.floor((now - since) / agingMs)));
}

function heavier(
  most: readonly [string, number] | [],
  next: readonly [string, number],
): readonly [string, number] {
  return most.length === 0 || next[1] > most[1] ? next : most;
}
