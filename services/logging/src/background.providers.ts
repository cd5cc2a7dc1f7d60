import type { FactoryProvider } from '@nestjs/common';
import { topics } from '@parley/contracts';
import type { EventLog } from '@parley/events/ports';
import { systemClock } from '@parley/kernel';
import { RUNTIME } from '@parley/nest';
import type { ServiceRuntime } from '@parley/nest';
import { RecordConsumer } from './adapters/inbound/event-log/record-consumer.ts';
import { repeat } from './adapters/inbound/schedule/repeat.ts';
import { StoredExportJobs } from './adapters/outbound/stored-export-jobs.ts';
import { LetterPublisher } from './domain/letter-publisher.ts';
import { Recorder } from './domain/recorder.ts';
import { Retention } from './domain/retention.ts';
import { StoreWatch } from './domain/store-watch.ts';
import { LoggingEvents } from './events.ts';
import type { RecordStore } from './ports/record-store.ts';
import { BACKGROUND, EVENT_LOG, RECORD_STORE } from './tokens.ts';

const exportBeatMs = 500;
const lagEveryMs = 1000;
const letterEveryMs = 1000;
const probeEveryMs = 5000;
const upkeepEveryMs = 3_600_000;

/** What goes on by itself: consuming, and what is looked at now and then. */
export const backgroundProviders: FactoryProvider[] = [
  {
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
  },
  {
    provide: BACKGROUND,
    inject: [
      RUNTIME,
      RECORD_STORE,
      LoggingEvents,
      RecordConsumer,
      StoreWatch,
      Retention,
      LetterPublisher,
      StoredExportJobs,
    ],
    useFactory: (
      { readiness, shutdown }: ServiceRuntime,
      store: RecordStore,
      events: LoggingEvents,
      ...[consuming, watch, retention, letters, exports]: BackgroundWorkers
    ) => {
      readiness.add('record store', () => watch.health());
      const failed = (what: string) => (error: unknown) => events.backgroundFailed(what, error);
      const jobs = [
        repeat(lagEveryMs, () => consuming.measureLag(), failed('lag')),
        repeat(probeEveryMs, () => watch.check(), failed('store probe')),
        repeat(letterEveryMs, (signal) => letters.publish(signal), failed('publishing dead letters')),
        repeat(exportBeatMs, () => exports.beat(), failed('exports')),
        repeat(upkeepEveryMs, () => store.upkeep.prepare(systemClock.now()), failed('making room')),
        repeat(upkeepEveryMs, (signal) => retention.sweep(signal), failed('retention')),
      ];
      shutdown.add('stop background work', async () => {
        await Promise.all(jobs.map((job) => job[Symbol.asyncDispose]()));
      });
      return jobs;
    },
  },
];

type BackgroundWorkers = [RecordConsumer, StoreWatch, Retention, LetterPublisher, StoredExportJobs];
