import type { Clock, TenantContext } from '@parley/kernel';
import { newPublicId } from '@parley/kernel';
import type { TurnEventEncoder } from '../../ports/turn-event-encoder.ts';
import type { TurnWatch } from '../../ports/turn-watch.ts';
import { encodeEntry } from '../log/log-entry.ts';
import type { LogEntry } from '../log/log-entry.ts';
import type { TurnPlan } from './plan-turn.ts';
import type { RemoteReaders } from '../log/remote-readers.ts';
import { RunningTurn } from '../turn/running-turn.ts';
import type { TurnDeadlines } from '../turn/running-turn.ts';
import type { ShardLeases } from '../outbox/shard-leases.ts';
import { TurnCopy } from '../turn/turn-copy.ts';
import type { CopyParts } from '../turn/turn-copy.ts';
import { encodeDocument } from '../turn/turn-document.ts';
import type { TurnDocument } from '../turn/turn-document.ts';
import type { Turn } from '../turn/turn.ts';
import type { StartWait } from '../run/switch-waits.ts';

/** On whose behalf a turn is started. */
export interface Caller {
  readonly tenant: TenantContext;
  readonly traceparent?: string | undefined;
  /** Told, time and again, why the turn does not begin yet. Must not throw. */
  readonly onWait?: ((wait: StartWait) => void) | undefined;
}

/** The name of a turn that a keyed request starts. */
export interface TurnName {
  readonly id: string;
  /** The state store's name of the Idempotency-Key. */
  readonly claim: string;
}

/** Who this instance is to the state store. */
export interface AcceptSettings {
  readonly owner: string;
  readonly shards: ShardLeases;
  readonly clock: Clock;
  readonly readers: RemoteReaders;
  /** How long an unstored turn with an Idempotency-Key goes on without readers; milliseconds. */
  readonly lingerMs: number;
}

/** Makes a turn: committed with its first log entry and its event before anybody hears of it. */
export class AcceptTurn {
  readonly #copies: CopyParts;
  readonly #encoder: TurnEventEncoder;
  readonly #watch: TurnWatch;
  readonly #settings: AcceptSettings;

  constructor(copies: CopyParts, encoder: TurnEventEncoder, watch: TurnWatch, settings: AcceptSettings) {
    this.#copies = copies;
    this.#encoder = encoder;
    this.#watch = watch;
    this.#settings = settings;
  }

  /** An id for a new turn, in a slot whose events are published here. */
  newId(): string {
    return newPublicId('resp', this.#settings.shards.pick());
  }

  /**
   * @param name undefined: a new one.
   * @throws ParleyError `overloaded` when the outbox is full, `unavailable` when the store cannot write, `conflict` when
   * there is a turn of that name.
   */
  async accept(
    plan: TurnPlan,
    caller: Caller,
    deadlines: TurnDeadlines,
    name?: TurnName,
  ): Promise<RunningTurn> {
    const document = this.#document(plan, caller, deadlines, name);
    const { turn, subject } = document;
    const firstEntry: LogEntry = { sequence: 0, body: { type: 'turn_created', turn } };
    const row = {
      id: turn.id,
      tenant: subject.tenant,
      stored: turn.store,
      owner: this.#settings.owner,
      document: encodeDocument(document),
      createdAtMs: turn.createdAtMs,
    };
    const entries = turn.store ? [encodeEntry(firstEntry)] : [];
    const accepted = this.#encoder.accepted(document);
    const fence = await this.#copies.state.turns.accept(row, entries, [accepted]);
    this.#watch.accepted(turn);
    const copy = new TurnCopy(this.#copies, { row, accepted, fence });
    const { readers, lingerMs } = this.#settings;
    const linger = { ms: lingerMs, isAwaited: () => readers.any(turn.id) };
    return new RunningTurn(
      {
        document,
        copy,
        tenant: caller.tenant,
        firstEntry,
        deadlines,
        linger: turn.store || turn.claim === undefined ? undefined : linger,
      },
      (error) => this.#watch.writeFailed(turn.id, error),
    );
  }

  #document(
    plan: TurnPlan,
    caller: Caller,
    deadlines: TurnDeadlines,
    name: TurnName | undefined,
  ): TurnDocument {
    const { request, assistant, received } = plan;
    const { tenant, keyId, requestId } = caller.tenant;
    const nowMs = this.#settings.clock.now();
    const turn: Turn = {
      id: name?.id ?? this.newId(),
      status: 'in_progress',
      createdAtMs: nowMs,
      model: plan.resolved.model,
      assistant: assistant === undefined ? undefined : { name: assistant.name, version: assistant.version },
      input: request.input,
      output: [],
      instructions: request.instructions,
      previousTurnId: request.previousTurnId,
      store: request.store,
      sampling: request.sampling,
      format: request.format,
      tools: request.tools,
      maxOutputTokens: request.maxOutputTokens,
      metadata: request.metadata,
      claim: name?.claim,
    };
    const subject = {
      tenant,
      requestId,
      endUser: request.endUser === '' ? keyId : request.endUser,
      record: request.store ? 'full' : 'metadata',
      traceparent: caller.traceparent,
    } as const;
    return {
      version: 1,
      turn,
      subject,
      deadlineAtMs: nowMs + deadlines.total.remainingMs(),
      ...(assistant === undefined ? {} : { strategies: received.states, trace: received.steps }),
    };
  }
}
