import type { Outbox } from '@parley/state/ports';
import type { UpkeepWatch } from '../../ports/upkeep-watch.ts';
import type { LostTurns } from './lost-turns.ts';
import type { OwnerLease } from './owner-lease.ts';
import type { PublishingGate } from '../outbox/publishing-gate.ts';
import { RecurringTask } from './recurring-task.ts';
import type { Retention } from './retention.ts';
import type { ShardLeases } from '../outbox/shard-leases.ts';
import type { Sweep } from './sweep.ts';

/** What is done again and again, and how often; milliseconds. */
export interface UpkeepIntervals {
  readonly renewMs: number;
  readonly sweepMs: number;
  readonly lostMs: number;
  readonly retentionMs: number;
  readonly measureMs: number;
}

/** Everything an instance does beside its turns. */
export interface UpkeepWork {
  readonly owner: OwnerLease;
  readonly shards: ShardLeases;
  readonly sweep: Sweep;
  readonly lost: LostTurns;
  readonly retention: Retention;
  readonly outbox: Outbox;
  readonly gate: PublishingGate;
}

/** Keeps this instance known as alive, and the store clean. */
export class Upkeep {
  readonly #work: UpkeepWork;
  readonly #tasks: readonly RecurringTask[];

  constructor(work: UpkeepWork, intervals: UpkeepIntervals, watch: UpkeepWatch) {
    this.#work = work;
    const { owner, shards, sweep, lost, retention, outbox, gate } = work;
    const measure = async (): Promise<void> => {
      const stats = await outbox.stats();
      gate.measured(stats);
      watch.outboxMeasured(stats);
    };
    this.#tasks = [
      new RecurringTask('owner renewal', intervals.renewMs, () => owner.renew(), watch),
      new RecurringTask('shard lease renewal', intervals.renewMs, () => shards.renew(), watch),
      new RecurringTask('sweep', intervals.sweepMs, () => sweep.round(), watch),
      new RecurringTask('search for lost turns', intervals.lostMs, () => lost.round(), watch),
      new RecurringTask('retention', intervals.retentionMs, () => retention.round(), watch),
      new RecurringTask('outbox measurement', intervals.measureMs, measure, watch),
    ];
  }

  start(): void {
    for (const task of this.#tasks) task.start();
  }

  /** Ends all tasks and says that this instance has gone, so that others need not wait for its time to run out. */
  async stop(): Promise<void> {
    await Promise.all(this.#tasks.map((task) => task.stop()));
    await this.#work.shards.release();
    await this.#work.owner.release();
  }
}
