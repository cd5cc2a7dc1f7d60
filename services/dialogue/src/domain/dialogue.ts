import type { Clock } from '@parley/kernel';
import type { EventPublisher } from '@parley/events/ports';
import type { StateStore } from '@parley/state/ports';
import type { AssistantSource } from '../ports/assistant-source.ts';
import type { ModelClient } from '../ports/model-client.ts';
import type { StrategyWatch } from '../ports/strategy-watch.ts';
import type { TokenCounter } from '../ports/token-counter.ts';
import type { TurnRecord } from '../ports/turn-record.ts';
import type { TurnEventEncoder } from '../ports/turn-event-encoder.ts';
import type { TurnWatch } from '../ports/turn-watch.ts';
import type { UpkeepWatch } from '../ports/upkeep-watch.ts';
import { AcceptTurn } from './start/accept-turn.ts';
import { AttachTurn } from './log/attach-turn.ts';
import { CancelTurn } from './end/cancel-turn.ts';
import type { Paces } from './log/coalescer.ts';
import { DeleteTurn } from './end/delete-turn.ts';
import { Drain } from './end/drain.ts';
import { EndRunningTurn } from './end/end-running-turn.ts';
import { FollowKnownTurn } from './log/follow-known-turn.ts';
import { FollowTurn } from './log/follow-turn.ts';
import { LostTurns } from './upkeep/lost-turns.ts';
import { OutboxRelay } from './outbox/outbox-relay.ts';
import { OwnerLease } from './upkeep/owner-lease.ts';
import { PlanTurn } from './start/plan-turn.ts';
import { PreviousTurns } from './start/previous-turns.ts';
import { PublishingGate } from './outbox/publishing-gate.ts';
import type { PublishingLimits } from './outbox/publishing-gate.ts';
import { RecordedTurns } from './turn/recorded-turns.ts';
import { RemoteReaders } from './log/remote-readers.ts';
import { Retention } from './upkeep/retention.ts';
import type { RetentionTimes } from './upkeep/retention.ts';
import { RetryBudget } from './run/retry-budget.ts';
import { SwitchWaits } from './run/switch-waits.ts';
import { RunTurn } from './run/run-turn.ts';
import { ShardLeases } from './outbox/shard-leases.ts';
import { StartKeyedTurn } from './start/start-keyed-turn.ts';
import { StartTurn } from './start/start-turn.ts';
import type { TimeLimits } from './start/start-turn.ts';
import { StoredLog } from './log/stored-log.ts';
import type { StoredLogSettings } from './log/stored-log.ts';
import { StoredTurns } from './turn/stored-turns.ts';
import { Pipeline } from './strategy/pipeline.ts';
import { Sweep } from './upkeep/sweep.ts';
import { TakeOverTurn } from './end/take-over-turn.ts';
import { TurnRegistry } from './turn/turn-registry.ts';
import { Upkeep } from './upkeep/upkeep.ts';
import type { UpkeepIntervals } from './upkeep/upkeep.ts';

/** What the domain needs of the world. */
export interface DialoguePorts {
  readonly state: StateStore;
  readonly events: EventPublisher;
  readonly model: ModelClient;
  readonly encoder: TurnEventEncoder;
  readonly assistants: AssistantSource;
  readonly tokens: TokenCounter;
  /** Where ended turns are looked for that the state store has lost; undefined for a store that loses none. */
  readonly record?: TurnRecord | undefined;
  readonly watch: TurnWatch & UpkeepWatch & StrategyWatch;
  readonly clock: Clock;
}

/** Who this instance is, and its limits; milliseconds. */
export interface DialogueSettings {
  readonly instanceId: string;
  readonly mostTurns: number;
  readonly limits: Omit<TimeLimits, 'clock'>;
  readonly paces: Paces;
  /** Time after which a silent instance counts as dead. */
  readonly ownerTtlMs: number;
  /** How long an unstored turn with an Idempotency-Key goes on without readers. */
  readonly lingerMs: number;
  readonly intervals: UpkeepIntervals;
  readonly retention: RetentionTimes;
  readonly publishing: PublishingLimits;
  /** For turns to end by themselves at shutdown. */
  readonly drainMs: number;
}

/** What the edges call. */
export interface Dialogue {
  readonly start: StartTurn;
  readonly startKeyed: StartKeyedTurn;
  readonly follow: FollowTurn;
  readonly attach: AttachTurn;
  readonly cancel: CancelTurn;
  readonly remove: DeleteTurn;
  readonly turns: StoredTurns;
  readonly owner: OwnerLease;
  readonly gate: PublishingGate;
  readonly sweep: Sweep;
  readonly lost: LostTurns;
  readonly retention: Retention;
  readonly drain: Drain;
  /** Makes this instance known and starts what runs beside the turns. */
  launch(): Promise<void>;
}

/** Within this time an ended turn, or what is left of the outbox, is written at shutdown. */
const settleMs = 1_000;

/** Puts the rules of this service together. */
export function assembleDialogue(ports: DialoguePorts, settings: DialogueSettings): Dialogue {
  const { state, encoder, watch, clock } = ports;
  const parts = assembleParts(ports, settings);
  const { owner, shards, registry, gate, relay, turns, storedLog, stopping } = parts;
  const end = new EndRunningTurn(state.turns, encoder, relay, watch, clock);
  const identity = { owner: settings.instanceId, clock };
  const takeOver = new TakeOverTurn(state.turns, storedLog, encoder, relay, identity);
  const sweep = new Sweep(state.owners, registry, takeOver, watch);
  const lost = new LostTurns(state, registry, takeOver, watch, identity);
  const retention = new Retention(state.turnLogs, settings.retention, clock);
  const upkeep = new Upkeep(
    { owner, shards, sweep, lost, retention, outbox: state.outbox, gate },
    settings.intervals,
    watch,
  );
  const starts = assembleStarts(ports, settings, parts, end);
  return {
    ...starts,
    attach: new AttachTurn(registry, starts.follow, storedLog),
    cancel: new CancelTurn(registry, turns, takeOver),
    remove: new DeleteTurn(state.turns, turns, encoder, relay, clock),
    turns,
    owner,
    gate,
    sweep,
    lost,
    retention,
    drain: new Drain(registry, end, relay, upkeep, { finishMs: settings.drainMs, settleMs, stopping }),
    launch: async () => {
      await owner.renew();
      await shards.renew();
      upkeep.start();
      relay.start();
    },
  };
}

/** What takes requests to turns, and callers through their logs. */
function assembleStarts(
  { state, model, encoder, assistants, tokens, watch, clock }: DialoguePorts,
  settings: DialogueSettings,
  parts: Parts,
  end: EndRunningTurn,
): Pick<Dialogue, 'start' | 'startKeyed' | 'follow'> {
  const { owner, shards, registry, turns, storedLog, readers } = parts;
  const { instanceId, lingerMs, limits, paces, retention } = settings;
  const copies = { state, renewOwner: () => owner.renew(), onRebuilt: (id: string) => watch.rebuilt(id) };
  const identity = { owner: instanceId, shards, clock };
  const accept = new AcceptTurn(copies, encoder, watch, { ...identity, readers, lingerMs });
  const plan = new PlanTurn(assistants, new Pipeline(watch), tokens);
  const run = new RunTurn(model, end, new RetryBudget(), watch, { clock, paces });
  const waits = new SwitchWaits(clock, (count) => watch.startsWaiting(count));
  const steps = { plan, waits, accept, run };
  const start = new StartTurn(registry, new PreviousTurns(turns), model, steps, { ...limits, clock });
  const follow = new FollowTurn(storedLog);
  const known = new FollowKnownTurn({ registry, follow, storedLog, turns, readers }, parts.logSettings);
  const reading = { started: follow, known };
  const startKeyed = new StartKeyedTurn(start, state, reading, {
    newId: () => accept.newId(),
    unstoredMs: limits.mostTotalMs + retention.unstoredTurnMs,
    onError: (error) => watch.keyFailed(error),
  });
  return { start, startKeyed, follow };
}

interface Parts {
  readonly owner: OwnerLease;
  readonly shards: ShardLeases;
  readonly registry: TurnRegistry;
  readonly gate: PublishingGate;
  readonly relay: OutboxRelay;
  readonly turns: StoredTurns;
  readonly storedLog: StoredLog;
  readonly stopping: AbortController;
  readonly logSettings: StoredLogSettings;
  readonly readers: RemoteReaders;
}

function assembleParts(
  { state, events, record, watch, clock }: DialoguePorts,
  settings: DialogueSettings,
): Parts {
  const lease = { owner: settings.instanceId, ttlMs: settings.ownerTtlMs, clock };
  const owner = new OwnerLease(state.owners, lease);
  const shards = new ShardLeases(state.leases, lease, () => owner.living);
  const gate = new PublishingGate(settings.publishing);
  const registry = new TurnRegistry(
    settings.mostTurns,
    () => owner.isAlive(),
    () => gate.require(),
  );
  const source = `/parley/dialogue/${settings.instanceId}`;
  const relay = new OutboxRelay(state.outbox, events, shards, watch, {
    source,
    busy: () => registry.busy,
    gate,
  });
  const { storedTurnMs } = settings.retention;
  const recorded =
    record === undefined ? undefined : new RecordedTurns(record, state.rebuild, { clock, storedTurnMs });
  const turns = new StoredTurns(state.turns, recorded);
  const stopping = new AbortController();
  const logSettings = {
    clock,
    retentionMs: settings.retention.logMs,
    // A dead owner is found one expiry and one sweep later; the rest is for the store to be slow in.
    ownerLossMs: settings.ownerTtlMs + settings.intervals.sweepMs + 10_000,
    stopping: stopping.signal,
  };
  const storedLog = new StoredLog(state.turnLogs, turns, logSettings);
  const readers = new RemoteReaders(state.leases, settings.instanceId);
  return { owner, shards, registry, gate, relay, turns, storedLog, stopping, logSettings, readers };
}
