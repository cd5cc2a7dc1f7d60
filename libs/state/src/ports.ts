/**
 * The role ports of the StateStore. Each implementation is shaped so that a method is one round trip and, where it
 * changes several things, one atomic step (SQLite: a transaction; Redis: a Function).
 */

import type { Fence } from './fence.ts';
import type { IdempotencyStore } from './idempotency-ports.ts';
import type { JobRunStore, JobStore } from './job-ports.ts';
import type { MemberStore } from './member-ports.ts';

export type { Fence } from './fence.ts';
export type { Claim, IdempotencyStore, NewClaim } from './idempotency-ports.ts';
export { claimName, startOnce } from './start-once.ts';
export type { KeyedRequest, OnceOptions, OnceWork } from './start-once.ts';
export type {
  JobCount,
  JobEnd,
  JobEndState,
  JobRunStore,
  JobState,
  JobStore,
  NewJob,
  StoredJob,
} from './job-ports.ts';
export type { Member, MemberStore } from './member-ports.ts';

/** An entry of a turn's log as the store keeps it: `body` is opaque. Sequence numbers start at 0. */
export interface LoggedEntry {
  readonly sequence: number;
  readonly body: string;
}

/** An event to be published once the commit that carries it is durable. */
export interface OutboxEvent {
  readonly id: string;
  readonly type: string;
  readonly topic: string;
  /** Orders events: conversation id, else turn id. */
  readonly key: string;
  readonly subject: string;
  readonly tenant: string;
  readonly occurredAtMs: number;
  /** The payload's canonical JSON text. */
  readonly data: string;
  readonly traceparent?: string;
}

/** An outbox event with what the store added: its place in the shard and its number within its key, from 0. */
export interface PendingEvent extends OutboxEvent {
  readonly shard: number;
  readonly position: number;
  readonly sequence: number;
}

/** A turn as the store keeps it: `document` is opaque to the store. */
export interface StoredTurn {
  readonly id: string;
  readonly tenant: string;
  /** Whether the API may give it back; an unstored turn keeps only what ending it needs. */
  readonly stored: boolean;
  readonly ended: boolean;
  readonly owner: string;
  readonly fence: Fence;
  readonly document: string;
  readonly createdAtMs: number;
  readonly endedAtMs: number | undefined;
}

/** What `accept` writes. */
export interface NewTurn {
  readonly id: string;
  readonly tenant: string;
  readonly stored: boolean;
  readonly owner: string;
  readonly document: string;
  readonly createdAtMs: number;
}

/** Turns and their one commit. */
export interface TurnStore {
  /**
   * Writes a new turn, its first log entries and its outbox events in one atomic step.
   * @throws ParleyError `conflict` when the id exists; `overloaded` when the outbox is full.
   */
  accept(turn: NewTurn, entries: readonly LoggedEntry[], events: readonly OutboxEvent[]): Promise<Fence>;
  get(id: string): Promise<StoredTurn | undefined>;
  /**
   * Ends a turn: final document, last log entries and outbox events in one atomic step. Entries as of `append`.
   * @throws ParleyError `stale_fence` when the fence is not the turn's or the turn has ended.
   */
  commit(id: string, fence: Fence, end: TurnEnd): Promise<void>;
  /**
   * Makes `owner` the owner of a turn that has not ended, if its fence still is `fence`.
   * @returns the new fence; undefined when somebody else was first.
   */
  takeOver(id: string, fence: Fence, owner: string): Promise<Fence | undefined>;
  /**
   * Forgets a stored turn and its log, in one atomic step with the events that tell it; a turn that has not ended or is
   * not there is left alone (false).
   * @throws ParleyError `overloaded` when the outbox is full.
   */
  delete(id: string, events: readonly OutboxEvent[]): Promise<boolean>;
}

/** What `commit` writes. */
export interface TurnEnd {
  readonly document: string;
  readonly endedAtMs: number;
  readonly entries: readonly LoggedEntry[];
  readonly events: readonly OutboxEvent[];
}

/** The logs of stored turns; readable by every instance until some time after the turn's end. */
export interface TurnLogStore {
  /**
   * Writes entries. The first of them may be there already, as they are after an append that failed with `unavailable`
   * and was done all the same.
   * @throws ParleyError `stale_fence` when the fence is not the turn's or the turn has ended; `conflict` when another
   * entry has the number of one.
   */
  append(turnId: string, fence: Fence, entries: readonly LoggedEntry[]): Promise<void>;
  /**
   * Entries with a sequence above `after` (-1 = all), in order, at most `limit`.
   * `ended`: the turn has ended and no entry above those given exists.
   */
  read(turnId: string, after: number, limit: number): Promise<{ entries: LoggedEntry[]; ended: boolean }>;
  /** Removes the logs of turns that ended before `endedBeforeMs`, at most `limit` turns; returns how many. */
  expireLogs(endedBeforeMs: number, limit: number): Promise<number>;
  /** Removes turns that ended before `endedBeforeMs` (stored and unstored apart); returns how many. */
  expireTurns(which: 'stored' | 'unstored', endedBeforeMs: number, limit: number): Promise<number>;
}

/** Which processes are alive, as far as turns go. */
export interface OwnerStore {
  /** Says that `owner` lives for `ttlMs` more. @returns all owners that live now, sorted, this one among them. */
  renew(owner: string, ttlMs: number): Promise<string[]>;
  /** Says that `owner` has gone; its turns, if any are left, are orphans at once. */
  release(owner: string): Promise<void>;
  /** Turns that have not ended and whose owner's time is over, oldest first. */
  orphans(limit: number): Promise<StoredTurn[]>;
  /**
   * Ids of the turns of `owner` that were created before `createdBeforeMs` and have not ended, in no order; not more
   * than the owner runs at once, but for those that it does not know of.
   */
  running(owner: string, createdBeforeMs: number): Promise<string[]>;
}

/** Leases: one holder at a time, fenced. */
export interface LeaseStore {
  /**
   * Takes or renews leases; a lease held by another and not expired is left out of the answer.
   * The fence of a lease that `owner` held without a gap does not change.
   */
  acquire(names: readonly string[], owner: string, ttlMs: number): Promise<Map<string, Fence>>;
  release(names: readonly string[], owner: string): Promise<void>;
}

/** Committed events that wait to be published. */
export interface Outbox {
  /** The oldest pending events of the given shards, in order of commit within a shard, at most `limit`. */
  pending(shards: readonly number[], limit: number): Promise<PendingEvent[]>;
  /** Removes published events; those of a shard whose lease fence is stale stay. */
  remove(events: readonly PendingEvent[], fences: ReadonlyMap<number, Fence>): Promise<void>;
  stats(): Promise<OutboxStats>;
}

export interface OutboxStats {
  readonly count: number;
  readonly bytes: number;
  /** Age of the oldest event in milliseconds; 0 when empty. */
  readonly oldestMs: number;
}

/** Numbers that grow by one, for events that are not committed with a turn. */
export interface SequenceStore {
  /** The next number of `key`, from 0. */
  next(key: string): Promise<number>;
}

/** A value of the fleet's control data: small, shared by all instances, changed by compare-and-set. */
export interface ControlValue {
  readonly key: string;
  /** From 1; grows by one with every change. */
  readonly version: number;
  readonly value: string;
}

/** Control data, such as where an alias points. */
export interface ControlStore {
  get(key: string): Promise<ControlValue | undefined>;
  /** Values whose key starts with `prefix`, in order of key. */
  list(prefix: string): Promise<ControlValue[]>;
  /**
   * Writes a value if its version still is `expected` (0: it is not there).
   * @returns the value as it is now; undefined when somebody else was first.
   */
  put(key: string, value: string, expected: number): Promise<ControlValue | undefined>;
}

/** An ended, stored turn as it was before the store lost it. */
export interface RebuiltTurn {
  readonly id: string;
  readonly tenant: string;
  readonly document: string;
  readonly createdAtMs: number;
  readonly endedAtMs: number;
}

/** Writing back what a store has lost, a flushed cache above all. What is there is newer and stays as it is. */
export interface RebuildStore {
  /** A turn without its log and events. @returns false when the store has it. */
  turn(turn: RebuiltTurn): Promise<boolean>;
  /** A control value under the version it had. @returns false when the store has that version or a later one. */
  control(value: ControlValue): Promise<boolean>;
}

/** All role ports of one open store. */
export interface StateStore extends AsyncDisposable {
  readonly turns: TurnStore;
  readonly turnLogs: TurnLogStore;
  readonly owners: OwnerStore;
  readonly leases: LeaseStore;
  readonly members: MemberStore;
  readonly outbox: Outbox;
  readonly sequences: SequenceStore;
  readonly control: ControlStore;
  readonly rebuild: RebuildStore;
  readonly jobs: JobStore;
  readonly jobRuns: JobRunStore;
  readonly idempotency: IdempotencyStore;
}

/** The name of the lease that guards an outbox shard. */
export function outboxLeaseName(shard: number): string {
  return `outbox:${shard}`;
}
