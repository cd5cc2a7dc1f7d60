import { join } from 'node:path';
import type { FactoryProvider } from '@nestjs/common';
import { kafkaTargetOf, postgresTargetOf, redisTargetOf } from '@parley/config';
import { openEventLog } from '@parley/events';
import type { EventLog } from '@parley/events/ports';
import { RUNTIME } from '@parley/nest';
import type { ServiceRuntime } from '@parley/nest';
import { openState } from '@parley/state';
import type { StateStore } from '@parley/state/ports';
import { openPostgresRecordStore } from './adapters/outbound/postgres/postgres-record-store.ts';
import { lockRecord } from './adapters/outbound/sqlite/lock-record.ts';
import { openSqliteRecordStore } from './adapters/outbound/sqlite/sqlite-record-store.ts';
import type { LoggingConfig } from './config.ts';
import { LoggingEvents } from './events.ts';
import type { RecordStore } from './ports/record-store.ts';
import { EVENT_LOG, RECORD_STORE, STATE } from './tokens.ts';

/** What this service reads from and writes to. */
export function storeProviders(config: LoggingConfig): FactoryProvider[] {
  return [recordStore(config), eventLog(config), state(config)];
}

function recordStore({ service, postgres }: LoggingConfig): FactoryProvider {
  return {
    provide: RECORD_STORE,
    inject: [RUNTIME, LoggingEvents],
    useFactory: async ({ shutdown }: ServiceRuntime, events: LoggingEvents): Promise<RecordStore> => {
      const target = postgresTargetOf(postgres);
      if (target === undefined) return openEmbedded(service.dataDir, shutdown);
      const { store, durabilityFaults } = await openPostgresRecordStore(target);
      shutdown.addAfterClose('close the record', async () => store[Symbol.asyncDispose]());
      if (durabilityFaults.length > 0) events.notDurable(durabilityFaults);
      return store;
    },
  };
}

/** The file has one writer, so it is locked; PostgreSQL has as many as there are instances. */
function openEmbedded(dataDir: string, shutdown: ServiceRuntime['shutdown']): RecordStore {
  const lock = lockRecord(dataDir);
  shutdown.addAfterClose('release the record', async () => lock[Symbol.dispose]());
  const store = openSqliteRecordStore(join(dataDir, 'record.db'));
  shutdown.addAfterClose('close the record', async () => store[Symbol.asyncDispose]());
  return store;
}

function eventLog({ service, kafka }: LoggingConfig): FactoryProvider {
  return {
    provide: EVENT_LOG,
    inject: [RUNTIME],
    useFactory: async ({ instanceId, logger, shutdown }: ServiceRuntime): Promise<EventLog> => {
      const log = await openEventLog({
        kafka: kafkaTargetOf(kafka),
        file: join(service.dataDir, 'fleet.db'),
        client: `logging-${instanceId}`,
        lines: logger,
      });
      shutdown.addAfterClose('close the event log', async () => log[Symbol.asyncDispose]());
      return log;
    },
  };
}

/** Opens what is shared, once; when that fails the next one tries again. */
export type OpenState = () => Promise<StateStore>;

/** Only exports and erasures need the fleet's store: without it the record is kept all the same. */
function state({ service, redis }: LoggingConfig): FactoryProvider {
  return {
    provide: STATE,
    inject: [RUNTIME],
    useFactory: ({ shutdown }: ServiceRuntime): OpenState => {
      const target = redisTargetOf(redis);
      const file = join(service.dataDir, 'fleet.db');
      let opening: Promise<StateStore> | undefined;
      shutdown.addAfterClose('close the state store', async () => {
        const opened = await opening?.catch(() => undefined);
        await opened?.[Symbol.asyncDispose]();
      });
      return () => {
        opening ??= openState({ redis: target, file }).catch((error: unknown) => {
          opening = undefined;
          throw error;
        });
        return opening;
      };
    },
  };
}
