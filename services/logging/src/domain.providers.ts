import type { FactoryProvider } from '@nestjs/common';
import { terminalTurnEventTypes, turnEventTypes, userEventTypes, userKey } from '@parley/contracts';
import type { EventLog } from '@parley/events/ports';
import { systemClock } from '@parley/kernel';
import { RUNTIME } from '@parley/nest';
import type { ServiceRuntime } from '@parley/nest';
import { deadLetterEvent } from './adapters/outbound/dead-letter-event.ts';
import { EventLogErasureFacts } from './adapters/outbound/event-log-erasure-facts.ts';
import { StoredExportJobs } from './adapters/outbound/stored-export-jobs.ts';
import { DeadLetters } from './domain/dead-letters.ts';
import { LetterPublisher } from './domain/letter-publisher.ts';
import { RecordExports } from './domain/record-exports.ts';
import { RecordInspector } from './domain/record-inspector.ts';
import { RecordReader } from './domain/record-reader.ts';
import { Recorder } from './domain/recorder.ts';
import type { RetentionPolicy } from './domain/retention-policy.ts';
import { Retention } from './domain/retention.ts';
import { StoreWatch } from './domain/store-watch.ts';
import { LoggingEvents } from './events.ts';
import { ExportEvents } from './job-events.ts';
import type { RecordStore } from './ports/record-store.ts';
import type { OpenState } from './store.providers.ts';
import { ERASURE_FACTS, EVENT_LOG, RECORD_STORE, STATE } from './tokens.ts';

const sourceOf = ({ instanceId }: ServiceRuntime): string => `/parley/logging/${instanceId}`;

const inspector = new RecordInspector({
  turnTypes: Object.values(turnEventTypes),
  terminalTypes: terminalTurnEventTypes,
  erasureType: userEventTypes.erased,
  userKey,
});

/** The rules of the record on their ports. */
export function domainProviders(policy: RetentionPolicy): FactoryProvider[] {
  const onStore = [RECORD_STORE, LoggingEvents];
  return [
    {
      provide: LoggingEvents,
      inject: [RUNTIME],
      useFactory: ({ metrics, logger }: ServiceRuntime) => new LoggingEvents(metrics, logger),
    },
    {
      provide: Recorder,
      inject: onStore,
      useFactory: (store: RecordStore, events: LoggingEvents) =>
        new Recorder(inspector, store, events, systemClock),
    },
    {
      provide: DeadLetters,
      inject: onStore,
      useFactory: (store: RecordStore, events: LoggingEvents) =>
        new DeadLetters(inspector, store, events, systemClock),
    },
    {
      provide: Retention,
      inject: onStore,
      useFactory: (store: RecordStore, events: LoggingEvents) =>
        new Retention(store, events, systemClock, policy),
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
    letterPublisher,
    erasureFacts,
    exportJobs,
    {
      provide: RecordExports,
      inject: [RecordReader, StoredExportJobs],
      useFactory: (reader: RecordReader, jobs: StoredExportJobs) => new RecordExports(reader, jobs),
    },
  ];
}

const letterPublisher: FactoryProvider = {
  provide: LetterPublisher,
  inject: [RUNTIME, RECORD_STORE, EVENT_LOG],
  useFactory: (runtime: ServiceRuntime, store: RecordStore, log: EventLog) =>
    new LetterPublisher(store, log, (letter) => deadLetterEvent(letter, sourceOf(runtime)), systemClock),
};

const erasureFacts: FactoryProvider = {
  provide: ERASURE_FACTS,
  inject: [RUNTIME, EVENT_LOG, STATE],
  useFactory: (runtime: ServiceRuntime, log: EventLog, state: OpenState) => {
    return new EventLogErasureFacts(log, state, systemClock, sourceOf(runtime));
  },
};

const exportJobs: FactoryProvider = {
  provide: StoredExportJobs,
  inject: [RUNTIME, STATE],
  useFactory: ({ instanceId, logger, shutdown }: ServiceRuntime, store: OpenState) => {
    const events = new ExportEvents(logger);
    const jobs = new StoredExportJobs({ store, owner: instanceId, events, clock: systemClock });
    shutdown.addAfterClose('write how exports ended', () => jobs[Symbol.asyncDispose]());
    return jobs;
  },
};
