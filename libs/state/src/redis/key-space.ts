import { ParleyError, shardCount, shardOf, shardOfId } from '@parley/kernel';
import { outboxLeaseName } from '../ports.ts';

/** All slots. */
const allSlots: readonly number[] = Array.from({ length: shardCount }, (_, slot) => slot);

const outboxLease = /^outbox:(\d{1,2})$/;

/** The slot of a turn or of an event's key: the one its id carries, else the one its hash gives. */
export function slotOfKey(key: string): number {
  return shardOfId(key) ?? shardOf(key);
}

/** The keys of one slot; all carry its hash tag, so that one function can use them together in a cluster. */
export class SlotKeys {
  readonly slot: number;
  readonly #base: string;

  constructor(prefix: string, slot: number) {
    this.slot = slot;
    this.#base = `${prefix}:{s${slot}}:`;
  }

  get fence(): string {
    return `${this.#base}fence`;
  }

  get running(): string {
    return `${this.#base}running`;
  }

  get logged(): string {
    return `${this.#base}logged`;
  }

  get outbox(): string {
    return `${this.#base}outbox`;
  }

  get totals(): string {
    return `${this.#base}outbox-totals`;
  }

  get sequences(): string {
    return `${this.#base}sequences`;
  }

  get transfers(): string {
    return `${this.#base}transfers`;
  }

  get received(): string {
    return `${this.#base}received`;
  }

  ended(which: 'stored' | 'unstored'): string {
    return `${this.#base}ended-${which}`;
  }

  turn(id: string): string {
    return `${this.#base}turn:${id}`;
  }

  log(id: string): string {
    return `${this.#base}log:${id}`;
  }

  lease(name: string): string {
    return `${this.#base}lease:${name}`;
  }

  claim(name: string): string {
    return `${this.#base}idempotency:${name}`;
  }

  /** The keys of the functions that change a turn, in the order that they know. */
  turnKeys(id: string): readonly string[] {
    const ended = [this.ended('stored'), this.ended('unstored')];
    const outbox = [this.outbox, this.totals, this.sequences, this.transfers];
    return [this.fence, this.running, ...ended, this.logged, ...outbox, this.turn(id), this.log(id)];
  }
}

/** Where everything lies: the 64 slots, and one of its own for what is not spread. */
export class KeySpace {
  readonly slots: readonly SlotKeys[];
  readonly owners: string;
  readonly control: string;
  /** The keys of the functions of jobs, in the order that they know. */
  readonly jobKeys: readonly string[];
  readonly #fleet: string;

  /** @throws ParleyError `config_invalid` when the prefix has braces: they would be the hash tag. */
  constructor(prefix: string) {
    if (!/^[\w:.-]+$/.test(prefix)) {
      const message = `The key prefix of Redis may have letters, digits and ":._-", not "${prefix}".`;
      throw new ParleyError('config_invalid', message);
    }
    this.slots = allSlots.map((slot) => new SlotKeys(prefix, slot));
    const fleet = `${prefix}:{fleet}:`;
    this.#fleet = fleet;
    this.owners = `${fleet}owners`;
    this.control = `${fleet}control`;
    this.jobKeys = ['fence', 'jobs-open', 'jobs-ended', 'jobs-meta'].map((name) => fleet + name);
  }

  /** The members of a group. */
  members(group: string): string {
    return `${this.#fleet}members:${group}`;
  }

  at(slot: number): SlotKeys {
    const keys = this.slots[slot];
    if (keys === undefined) throw new ParleyError('internal', `There is no slot ${slot}.`);
    return keys;
  }

  /** Those of a turn's slot. */
  ofTurn(id: string): SlotKeys {
    return this.at(slotOfKey(id));
  }

  /** Those of a lease's slot: an outbox shard's lease is beside the shard. */
  ofLease(name: string): SlotKeys {
    const shard = Number(outboxLease.exec(name)?.[1] ?? shardCount);
    return this.at(shard < shardCount && outboxLeaseName(shard) === name ? shard : shardOf(name));
  }
}
