import { join } from 'node:path';
import { Module } from '@nestjs/common';
import type { DynamicModule, FactoryProvider } from '@nestjs/common';
import { openSqliteEventLog } from '@parley/events';
import { systemClock } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import { RUNTIME } from '@parley/nest';
import type { CheckResult, ServiceRuntime } from '@parley/nest';
import { openSqliteState } from '@parley/state';
import { CountTokensController } from './adapters/inbound/grpc/count-tokens.ts';
import { GenerateController } from './adapters/inbound/grpc/generate.ts';
import { ListModelsController } from './adapters/inbound/grpc/list-models.ts';
import { ResolveModelController } from './adapters/inbound/grpc/resolve-model.ts';
import { CachedFileDigests } from './adapters/outbound/cached-file-digests.ts';
import { makeEngines } from './adapters/outbound/engines.ts';
import { EventLogModelFacts } from './adapters/outbound/event-log-model-facts.ts';
import { engineEnvironment } from './config.ts';
import type { ModelServiceConfig } from './config.ts';
import { Answers } from './domain/answers.ts';
import type { ModelDefinition } from './domain/model-definition.ts';
import { defaultAlias, ModelRegistry } from './domain/model-registry.ts';
import { ModelServiceEvents } from './events.ts';
import type { Engine } from './ports/engine.ts';

const ENGINES = Symbol('ENGINES');

/** Durations are measured on it: it never goes back. */
const stopwatch: Clock = { now: () => performance.now() };

/** Binds the ports of the model service to its adapters. */
@Module({})
export class AppModule {
  static register(config: ModelServiceConfig, definitions: readonly ModelDefinition[]): DynamicModule {
    return {
      module: AppModule,
      controllers: [ResolveModelController, GenerateController, CountTokensController, ListModelsController],
      providers: [
        eventsProvider(config.service.dataDir),
        enginesProvider(config, definitions.length),
        registryProvider(config, definitions),
        answersProvider,
      ],
    };
  }
}

function eventsProvider(dataDir: string): FactoryProvider {
  return {
    provide: ModelServiceEvents,
    inject: [RUNTIME],
    useFactory: ({ metrics, logger, instanceId, shutdown }: ServiceRuntime) => {
      const file = join(dataDir, 'fleet.db');
      const log = openSqliteEventLog(file);
      shutdown.addAfterClose('close the event log', async () => log[Symbol.asyncDispose]());
      const state = openSqliteState(file);
      shutdown.addAfterClose('close the state store', async () => state[Symbol.asyncDispose]());
      const facts = new EventLogModelFacts({
        log,
        sequences: state.sequences,
        clock: systemClock,
        instanceId,
        onError: (error) => events.publishingFailed(error),
      });
      shutdown.addAfterClose('publish the last model events', () => facts.flush());
      const events: ModelServiceEvents = new ModelServiceEvents(metrics, logger, facts);
      return events;
    },
  };
}

function enginesProvider({ models }: ModelServiceConfig, count: number): FactoryProvider {
  return {
    provide: ENGINES,
    inject: [RUNTIME, ModelServiceEvents],
    useFactory: ({ shutdown }: ServiceRuntime, events: ModelServiceEvents) => {
      const engines = makeEngines({
        threads: models.threads,
        environment: engineEnvironment(count),
        onLog: (level, message) => events.engineSaid(level, message),
      });
      shutdown.addAfterClose('end the engines', async () => {
        await Promise.all([...engines.values()].map((engine) => engine[Symbol.asyncDispose]()));
      });
      return engines;
    },
  };
}

function registryProvider(
  { service, models }: ModelServiceConfig,
  definitions: readonly ModelDefinition[],
): FactoryProvider {
  return {
    provide: ModelRegistry,
    inject: [RUNTIME, ENGINES, ModelServiceEvents],
    useFactory: (
      { readiness, shutdown }: ServiceRuntime,
      engines: ReadonlyMap<string, Engine>,
      events: ModelServiceEvents,
    ) => {
      const registry = new ModelRegistry(definitions, engines, {
        digests: new CachedFileDigests(join(service.dataDir, 'model-digests.json')),
        events,
        clock: stopwatch,
        promptTokensPerStep: models.promptTokensPerStep,
        loadTimeoutMs: models.loadTimeoutMs,
      });
      readiness.add('default model', () => defaultModelHealth(registry));
      shutdown.add('finish running answers', () => registry.idle());
      shutdown.addAfterClose('unload the models', () => registry[Symbol.asyncDispose]());
      registry.start();
      return registry;
    },
  };
}

const answersProvider: FactoryProvider = {
  provide: Answers,
  inject: [ModelRegistry, ModelServiceEvents],
  useFactory: (registry: ModelRegistry, events: ModelServiceEvents) =>
    new Answers(registry, events, stopwatch),
};

function defaultModelHealth(registry: ModelRegistry): CheckResult {
  const slot = registry.find(defaultAlias);
  const { phase } = slot.state;
  if (phase === 'ready') return { ok: true };
  return { ok: false, reason: slot.whyNotReady(), lasting: phase === 'failed' };
}
