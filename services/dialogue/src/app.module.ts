import { join } from 'node:path';
import { Module } from '@nestjs/common';
import type { DynamicModule, FactoryProvider } from '@nestjs/common';
import { DocumentError, LiveDocuments, kafkaTargetOf, redisTargetOf } from '@parley/config';
import { inference, record } from '@parley/contracts';
import { openEventLog } from '@parley/events';
import type { EventLog } from '@parley/events/ports';
import { createGrpcClient } from '@parley/grpc';
import { systemClock } from '@parley/kernel';
import { RUNTIME } from '@parley/nest';
import type { ServiceRuntime } from '@parley/nest';
import { openState } from '@parley/state';
import type { OpenState } from '@parley/state';
import { AttachTurnController } from './adapters/inbound/grpc/attach-turn-controller.ts';
import { CancelTurnController } from './adapters/inbound/grpc/cancel-turn-controller.ts';
import { DeleteTurnController } from './adapters/inbound/grpc/delete-turn-controller.ts';
import { DOCUMENTS, DocumentsReportController } from './adapters/inbound/grpc/documents-report-controller.ts';
import { GetTurnController } from './adapters/inbound/grpc/get-turn-controller.ts';
import { ASSISTANTS, ListAssistantsController } from './adapters/inbound/grpc/list-assistants-controller.ts';
import { StartTurnController } from './adapters/inbound/grpc/start-turn-controller.ts';
import { CachedTokenCounter } from './adapters/outbound/cached-token-counter.ts';
import { compileDocuments, dialogueKinds } from './adapters/outbound/documents/compile-documents.ts';
import type { Assistants } from './adapters/outbound/documents/compile-documents.ts';
import { LiveAssistants } from './adapters/outbound/documents/live-assistants.ts';
import { GrpcModelClient } from './adapters/outbound/grpc-model-client.ts';
import { GrpcTurnRecord } from './adapters/outbound/grpc-turn-record.ts';
import { ProtoTurnEventEncoder } from './adapters/outbound/proto-turn-event-encoder.ts';
import type { DialogueConfig } from './config.ts';
import { AttachTurn } from './domain/log/attach-turn.ts';
import { CancelTurn } from './domain/end/cancel-turn.ts';
import { DeleteTurn } from './domain/end/delete-turn.ts';
import { assembleDialogue } from './domain/dialogue.ts';
import type { Dialogue, DialogueSettings } from './domain/dialogue.ts';
import { FollowTurn } from './domain/log/follow-turn.ts';
import { StartKeyedTurn } from './domain/start/start-keyed-turn.ts';
import { StartTurn } from './domain/start/start-turn.ts';
import { StoredTurns } from './domain/turn/stored-turns.ts';
import { DialogueEvents } from './events.ts';
import type { AssistantSource } from './ports/assistant-source.ts';
import type { ModelClient } from './ports/model-client.ts';
import type { TurnRecord } from './ports/turn-record.ts';

const STATE = Symbol('STATE');
const EVENT_LOG = Symbol('EVENT_LOG');
const MODEL = Symbol('MODEL');
const TURN_RECORD = Symbol('TURN_RECORD');
const WATCH = Symbol('WATCH');
const DIALOGUE = Symbol('DIALOGUE');

/** Kept back from the time to drain, for ending the turns that are left and for emptying the outbox. */
const settlingMs = 3_000;

/** Binds the ports of the dialogue service to its adapters. */
@Module({})
export class AppModule {
  static register(config: DialogueConfig): DynamicModule {
    return {
      module: AppModule,
      controllers: [
        StartTurnController,
        AttachTurnController,
        CancelTurnController,
        GetTurnController,
        DeleteTurnController,
        ListAssistantsController,
        DocumentsReportController,
      ],
      providers: [
        ...storage(config),
        model(config.neighbours.model),
        turnRecord(config),
        ...documents(config.service.configDir, config.documents.faults),
        dialogue(config),
        ...useCases(),
      ],
    };
  }
}

function storage({ service, redis, kafka }: DialogueConfig): FactoryProvider[] {
  const file = join(service.dataDir, 'fleet.db');
  return [
    {
      provide: STATE,
      inject: [RUNTIME, WATCH],
      useFactory: async ({ shutdown }: ServiceRuntime, watch: DialogueEvents): Promise<OpenState> => {
        const state = await openState({ redis: redisTargetOf(redis), file });
        watch.stateOpened(state.durability);
        shutdown.addAfterClose('close the state store', async () => state[Symbol.asyncDispose]());
        return state;
      },
    },
    {
      provide: EVENT_LOG,
      inject: [RUNTIME],
      useFactory: async ({ shutdown, instanceId, logger }: ServiceRuntime): Promise<EventLog> => {
        const client = `parley-dialogue-${instanceId}`;
        const log = await openEventLog({ kafka: kafkaTargetOf(kafka), file, client, lines: logger });
        shutdown.addAfterClose('close the event log', async () => log[Symbol.asyncDispose]());
        return log;
      },
    },
  ];
}

function model(addresses: readonly string[]): FactoryProvider {
  return {
    provide: MODEL,
    inject: [RUNTIME],
    useFactory: ({ tokens, shutdown, metrics }: ServiceRuntime): ModelClient => {
      const client = createGrpcClient(inference.InferenceClient, { addresses, tokens });
      shutdown.addAfterClose('close the model client', async () => client.close());
      return new GrpcModelClient(client, metrics.gauge('parley_dialogue_model_inflight'));
    },
  };
}

/** Only a store that can be flushed is asked to be filled again; `fleet.db` goes with the record or not at all. */
function turnRecord({ redis, neighbours }: DialogueConfig): FactoryProvider {
  return {
    provide: TURN_RECORD,
    inject: [RUNTIME],
    useFactory: ({ tokens, shutdown }: ServiceRuntime): TurnRecord | undefined => {
      const addresses = neighbours.logging;
      if (redisTargetOf(redis) === undefined || addresses.length === 0) return undefined;
      const client = createGrpcClient(record.RecordClient, { addresses, tokens });
      shutdown.addAfterClose('close the client of the record', async () => client.close());
      return new GrpcTurnRecord(client);
    },
  };
}

function documents(configDir: string, onFaults: DialogueConfig['documents']['faults']): FactoryProvider[] {
  return [
    {
      provide: WATCH,
      inject: [RUNTIME],
      useFactory: ({ metrics, logger }: ServiceRuntime) => new DialogueEvents(metrics, logger),
    },
    {
      provide: DOCUMENTS,
      inject: [RUNTIME, WATCH],
      useFactory: async ({ shutdown }: ServiceRuntime, events: DialogueEvents) => {
        const live = new LiveDocuments<Assistants>({
          configDir,
          kinds: dialogueKinds,
          compile: compileDocuments,
          events,
        });
        shutdown.addAfterClose('stop watching the documents', async () => live[Symbol.asyncDispose]());
        await live.start();
        const { faults } = live.report;
        if (onFaults === 'refuse' && faults.length > 0) {
          throw new DocumentError(faults.map((fault) => ({ ...fault, file: join(configDir, fault.file) })));
        }
        return live;
      },
    },
    {
      provide: ASSISTANTS,
      inject: [DOCUMENTS],
      useFactory: (live: LiveDocuments<Assistants>) => new LiveAssistants(live),
    },
  ];
}

function dialogue(config: DialogueConfig): FactoryProvider {
  return {
    provide: DIALOGUE,
    inject: [RUNTIME, STATE, EVENT_LOG, MODEL, TURN_RECORD, ASSISTANTS, WATCH],
    useFactory: async (
      runtime: ServiceRuntime,
      state: OpenState,
      events: EventLog,
      models: ModelClient,
      turnRecord: TurnRecord | undefined,
      assistants: AssistantSource,
      watch: DialogueEvents,
    ) => {
      const { instanceId, readiness, shutdown } = runtime;
      const encoder = new ProtoTurnEventEncoder();
      const tokens = new CachedTokenCounter(models);
      const world = {
        state,
        events,
        model: models,
        record: turnRecord,
        assistants,
        watch,
        clock: systemClock,
      };
      const ports = { ...world, encoder, tokens };
      const made = assembleDialogue(ports, settings(config, instanceId, state));
      readiness.add('state store', () => ({
        ok: made.owner.alive,
        reason: 'the state store does not answer',
      }));
      // Running turns go on and stored ones are given back, whatever becomes of the events.
      readiness.add('event log', () => ({ ok: true, note: made.gate.trouble }));
      shutdown.add('drain the turns', () => made.drain.run());
      await made.launch();
      return made;
    },
  };
}

function useCases(): FactoryProvider[] {
  const inject = [DIALOGUE];
  return [
    { provide: StartTurn, inject, useFactory: ({ start }: Dialogue) => start },
    { provide: StartKeyedTurn, inject, useFactory: ({ startKeyed }: Dialogue) => startKeyed },
    { provide: FollowTurn, inject, useFactory: ({ follow }: Dialogue) => follow },
    { provide: AttachTurn, inject, useFactory: ({ attach }: Dialogue) => attach },
    { provide: CancelTurn, inject, useFactory: ({ cancel }: Dialogue) => cancel },
    { provide: DeleteTurn, inject, useFactory: ({ remove }: Dialogue) => remove },
    { provide: StoredTurns, inject, useFactory: ({ turns }: Dialogue) => turns },
  ];
}

function settings(config: DialogueConfig, instanceId: string, { durability }: OpenState): DialogueSettings {
  const { service, turns, ownership, retention, events } = config;
  const { firstTokenMs, mostFirstTokenMs, totalMs, mostTotalMs } = turns;
  return {
    instanceId,
    mostTurns: turns.most,
    limits: { firstTokenMs, mostFirstTokenMs, totalMs, mostTotalMs },
    paces: {
      watched: { intervalMs: turns.flushMs, tokens: turns.flushTokens, firstAtOnce: true },
      // Nobody waits for these; eight times fewer writes.
      unwatched: { intervalMs: turns.flushMs * 8, tokens: turns.flushTokens * 8, firstAtOnce: false },
    },
    ownerTtlMs: ownership.ttlMs,
    lingerMs: 30_000,
    intervals: {
      renewMs: Math.floor(ownership.ttlMs / 3.3),
      sweepMs: ownership.sweepMs,
      lostMs: 10_000,
      retentionMs: 30_000,
      measureMs: 1_000,
    },
    retention,
    publishing: { whenAway: whenAway(config, durability.confirmed), mostWaitMs: events.mostWaitMs },
    drainMs: Math.max(0, service.drainTimeoutMs - settlingMs),
  };
}

/** An outbox may only stand in for Kafka where it is known to keep what it has. */
function whenAway({ events, kafka }: DialogueConfig, durable: boolean): 'outbox' | 'refuse' {
  if (events.whenKafkaAway !== 'auto') return events.whenKafkaAway;
  return kafka.brokers.length === 0 || durable ? 'outbox' : 'refuse';
}
