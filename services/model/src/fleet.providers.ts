import type { FactoryProvider } from '@nestjs/common';
import { Jobs } from '@parley/jobs';
import { systemClock } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import { RUNTIME } from '@parley/nest';
import type { ServiceRuntime } from '@parley/nest';
import { ErasedScopes } from '@parley/state';
import type { ControlStore, StateStore } from '@parley/state/ports';
import { orderSwitch } from './adapters/outbound/file-switch.ts';
import { LiveModels } from './adapters/outbound/live-models.ts';
import type { ModelServiceConfig } from './config.ts';
import { Erasures } from './domain/answers/erasures.ts';
import { AliasWaits } from './domain/switching/alias-waits.ts';
import { DesiredAliases } from './domain/switching/desired-aliases.ts';
import { DrainFirst } from './domain/switching/drain-first.ts';
import { DesiredModels } from './domain/fleet/desired-models.ts';
import { FleetFollow } from './domain/fleet/fleet-follow.ts';
import { ModelFleet } from './domain/fleet/model-fleet.ts';
import { IdleModels } from './domain/loading/idle-models.ts';
import { MakeReady } from './domain/loading/make-ready.ts';
import { ModelMoves } from './domain/switching/model-moves.ts';
import type { MoveParts } from './domain/switching/model-moves.ts';
import { ModelRegistry } from './domain/models/model-registry.ts';
import { ModelReload } from './domain/switching/model-reload.ts';
import { ModelUnload } from './domain/loading/model-unload.ts';
import { ModelServiceEvents } from './events.ts';
import type { Engine } from './ports/engine.ts';
import { CONTROL, ENGINES, ERASURES, STARTED, STATE } from './tokens.ts';

const MOVE_TOOLS = Symbol('MOVE_TOOLS');

type MoveTools = Pick<MoveParts, 'fleet' | 'desired' | 'unload' | 'ready' | 'waits'>;

/** Durations are measured on it: it never goes back. */
const stopwatch: Clock = { now: () => performance.now() };

/** Longer than dialogue takes from resolving a model to asking it, and than an instance takes to follow a move. */
const unloadGraceMs = 3000;

/** The other instances, and what orders about models are carried out with. */
export function moveToolsProvider({ models }: ModelServiceConfig): FactoryProvider {
  return {
    provide: MOVE_TOOLS,
    inject: [RUNTIME, STATE, CONTROL, ModelRegistry, IdleModels],
    useFactory: (
      { instanceId }: ServiceRuntime,
      { members, leases }: StateStore,
      control: ControlStore,
      registry: ModelRegistry,
      idle: IdleModels,
    ): MoveTools => {
      const orders = new DesiredModels(control);
      const clock = stopwatch;
      const unload = new ModelUnload({ graceMs: unloadGraceMs, drainMs: models.unloadDrainMs });
      const waits = new AliasWaits(clock);
      const drainFirst = new DrainFirst(registry, unload, waits, clock);
      return {
        fleet: new ModelFleet({ members, leases, orders, instance: instanceId, clock }),
        desired: new DesiredAliases(control),
        unload,
        ready: new MakeReady({ registry, unload, idle, drainFirst }),
        waits,
      };
    },
  };
}

/** Loads, unloads, switches and rollbacks. */
export function movesProvider({ models }: ModelServiceConfig): FactoryProvider {
  return {
    provide: ModelMoves,
    inject: [MOVE_TOOLS, ModelRegistry, ModelServiceEvents],
    useFactory: (tools: MoveTools, registry: ModelRegistry, events: ModelServiceEvents) =>
      new ModelMoves({
        ...tools,
        registry,
        events,
        clock: stopwatch,
        keepPrevious: models.keepPrevious,
        unloadMs: unloadGraceMs + models.unloadDrainMs,
      }),
  };
}

/** The fleet of model instances. */
export const modelFleetProvider: FactoryProvider = {
  provide: ModelFleet,
  inject: [MOVE_TOOLS],
  useFactory: ({ fleet }: MoveTools) => fleet,
};

/** Aliases whose callers wait. */
export const aliasWaitsProvider: FactoryProvider = {
  provide: AliasWaits,
  inject: [MOVE_TOOLS],
  useFactory: ({ waits }: MoveTools) => waits,
};

/** Does what other instances have ordered, once this one has begun to load. */
export const fleetFollowProvider: FactoryProvider = {
  provide: FleetFollow,
  inject: [RUNTIME, MOVE_TOOLS, ModelRegistry, ModelServiceEvents, STARTED],
  useFactory: (
    { instanceId, shutdown }: ServiceRuntime,
    tools: MoveTools,
    registry: ModelRegistry,
    events: ModelServiceEvents,
  ) => {
    const follow = new FleetFollow({ ...tools, registry, events, clock: stopwatch, instance: instanceId });
    shutdown.addAfterClose('leave the fleet', () => follow[Symbol.asyncDispose]());
    follow.start();
    return follow;
  },
};

/** Has the engines forget users who were erased. */
export const erasuresProvider: FactoryProvider = {
  provide: ERASURES,
  inject: [RUNTIME, CONTROL, ENGINES, ModelServiceEvents],
  useFactory: (
    { shutdown }: ServiceRuntime,
    control: ControlStore,
    engines: ReadonlyMap<string, Engine>,
    events: ModelServiceEvents,
  ) => {
    const scopes = new ErasedScopes(control, systemClock);
    const onTrouble = (error: unknown): void => events.erasureFailed(error);
    const erasures = new Erasures({ read: () => scopes.read(), engines, onTrouble });
    shutdown.addAfterClose('stop following erasures', () => erasures[Symbol.asyncDispose]());
    erasures.start();
    return erasures;
  },
};

/** Takes model documents that change while the service runs. */
export function liveModelsProvider({ service, models }: ModelServiceConfig): FactoryProvider {
  return {
    provide: LiveModels,
    inject: [RUNTIME, MOVE_TOOLS, ModelRegistry, Jobs, ModelServiceEvents, STARTED],
    useFactory: async (
      { shutdown }: ServiceRuntime,
      { ready, unload }: MoveTools,
      registry: ModelRegistry,
      jobs: Jobs,
      events: ModelServiceEvents,
    ) => {
      const reload = new ModelReload({
        registry,
        ready,
        unload,
        orderSwitch: (pointer) => orderSwitch(jobs, pointer),
      });
      const live = new LiveModels(
        { configDir: service.configDir, cacheDir: models.cacheDir },
        reload,
        events,
      );
      shutdown.addAfterClose('stop watching the documents', () => live[Symbol.asyncDispose]());
      await live.start();
      return live;
    },
  };
}
