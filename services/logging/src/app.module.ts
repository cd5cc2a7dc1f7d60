import { join } from 'node:path';
import { Module } from '@nestjs/common';
import type { DynamicModule, FactoryProvider } from '@nestjs/common';
import { terminalTurnEventTypes, topics, turnEventTypes } from '@parley/contracts';
import { openSqliteEventLog } from '@parley/events';
import type { EventLog } from '@parley/events/ports';
import { systemClock } from '@parley/kernel';
import { RUNTIME } from '@parley/nest';
import type { ServiceRuntime } from '@parley/nest';
import { RecordConsumer } from './adapters/inbound/event-log/record-consumer.ts';
import { ExportEventsController } from './adapters/inbound/grpc/export-events.ts';
import { QueryEventsController } from './adapters/inbound/grpc/query-events.ts';
import { repeat } from './adapters/inbound/schedule/repeat.ts';
import { lockRecord } from './adapters/outbound/lock-record.ts';
import { openSqliteRecordStore } from './adapters/outbound/sqlite-record-store.ts';
import type { LoggingConfig } from './config.ts';
import { RecordInspector } from './domain/record-inspector.ts';
import { RecordReader } from './domain/record-reader.ts';
import { Recorder } from './domain/recorder.ts';
import { Retention } from './domain/retention.ts';
import { StoreWatch } from './domain/store-watch.ts';
import { LoggingEvents } from './events.ts';
import type { RecordStore } from './ports/record-store.ts';

const EVENT_LOG = Symbol('EVENT_LOG');
const RECORD_STORE = Symbol('RECORD_STORE');
const BACKGROUND = Symbol('BACKGROUND');

const lagEveryMs = 1000;
const probeEveryMs = 5000;
const retentionEveryMs = 3_600_000;

/** Binds the ports of the logging service to its adapters. */
@Module({})
export class AppModule {
  static register(config: LoggingConfig): DynamicModule {
    return {
      module: AppModule,
      controllers: [QueryEventsController, ExportEventsController],
      providers: [
        ...storage(config.service.dataDir),
        ...domain(config.record.retentionDays),
        consumer,
        background,
      ],
    };
  }
}

function storage(dataDir: string): FactoryProvider[] {
  return [
    {
      provide: RECORD_STORE,
      inject: [RUNTIME],
      useFactory: ({ shutdown }: ServiceRuntime): RecordStore => {
        const lock = lockRecord(dataDir);
        shutdown.addAfterClose('release the record', async () => lock[Symbol.dispose]());
        const store = openSqliteRecordStore(join(dataDir, 'record.db'));
        shutdown.addAfterClose('close the record', async () => store[Symbol.asyncDispose]());
        return store;
      },
    },
    {
      provide: EVENT_LOG,
      inject: [RUNTIME],
      useFactory: ({ shutdown }: ServiceRuntime): EventLog => {
        const log = openSqliteEventLog(join(dataDir, 'fleet.db'));
        shutdown.addAfterClose('close the event log', async () => log[Symbol.asyncDispose]());
        return log;
      },
    },
  ];
}

function domain(retentionDays: number): FactoryProvider[] {
  const vocabulary = { turnTypes: Object.values(turnEventTypes), terminalTypes: terminalTurnEventTypes };
  return [
    {
      provide: LoggingEvents,
      inject: [RUNTIME],
      useFactory: ({ metrics, logger }: ServiceRuntime) => new LoggingEvents(metrics, logger),
    },
    {
      provide: Recorder,
      inject: [RECORD_STORE, LoggingEvents],
      useFactory: (store: RecordStore, events: LoggingEvents) =>
        new Recorder(new RecordInspector(vocabulary), store, events, systemClock),
    },
    {
      provide: RecordReader,
      inject: [RECORD_STORE],
      useFactory: (store: RecordStore) => new RecordReader(store, systemClock),
    },
    {
      provide: StoreWatch,
      inject: [RECORD_STORE],
      useFactory: (store: RecordStore) => new StoreWatch(store),
    },
    {
      provide: Retention,
      inject: [RECORD_STORE, LoggingEvents],
      useFactory: (store: RecordStore, events: LoggingEvents) =>
        new Retention(store, events, systemClock, retentionDays),
    },
  ];
}

const consumer: FactoryProvider = {
  provide: RecordConsumer,
  inject: [RUNTIME, EVENT_LOG, Recorder, LoggingEvents],
  useFactory: async (
    { readiness, shutdown }: ServiceRuntime,
    log: EventLog,
    recorder: Recorder,
    events: LoggingEvents,
  ) => {
    const consuming = new RecordConsumer(log, Object.values(topics), recorder, events);
    readiness.add('subscription', () => consuming.health());
    shutdown.add('finish the batch in work', () => consuming[Symbol.asyncDispose]());
    await consuming.start();
    return consuming;
  },
};

const background: FactoryProvider = {
  provide: BACKGROUND,
  inject: [RUNTIME, RecordConsumer, StoreWatch, Retention, LoggingEvents],
  useFactory: (
    { readiness, shutdown }: ServiceRuntime,
    consuming: RecordConsumer,
    watch: StoreWatch,
    retention: Retention,
    events: LoggingEvents,
  ) => {
    readiness.add('record store', () => watch.health());
    const failed = (what: string) => (error: unknown) => events.backgroundFailed(what, error);
    const jobs = [
      repeat(lagEveryMs, () => consuming.measureLag(), failed('lag')),
      repeat(probeEveryMs, () => watch.check(), failed('store probe')),
      repeat(retentionEveryMs, (signal) => retention.sweep(signal), failed('retention')),
    ];
    shutdown.add('stop background work', async () => {
      await Promise.all(jobs.map((job) => job[Symbol.asyncDispose]()));
    });
    return jobs;
  },
};
