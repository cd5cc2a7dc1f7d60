import { join } from 'node:path';
import type { FactoryProvider } from '@nestjs/common';
import { redisTargetOf } from '@parley/config';
import { openSqliteEventLog } from '@parley/events';
import { systemClock } from '@parley/kernel';
import { RUNTIME } from '@parley/nest';
import type { ServiceRuntime } from '@parley/nest';
import { openState } from '@parley/state';
import type { StateStore } from '@parley/state/ports';
import { EventLogModelFacts } from './adapters/outbound/event-log-model-facts.ts';
import type { ModelServiceConfig } from './config.ts';
import { ModelServiceEvents } from './events.ts';
import { STATE } from './tokens.ts';

/** The fleet's store. */
export function stateProvider({ service, redis }: ModelServiceConfig): FactoryProvider {
  return {
    provide: STATE,
    inject: [RUNTIME],
    useFactory: async ({ shutdown }: ServiceRuntime) => {
      const state = await openState({
        redis: redisTargetOf(redis),
        file: join(service.dataDir, 'fleet.db'),
      });
      shutdown.addAfterClose('close the state store', async () => state[Symbol.asyncDispose]());
      return state;
    },
  };
}

/** What happens to models, for people, dashboards and other services. */
export function eventsProvider({ service }: ModelServiceConfig): FactoryProvider {
  return {
    provide: ModelServiceEvents,
    inject: [RUNTIME, STATE],
    useFactory: ({ metrics, logger, instanceId, shutdown }: ServiceRuntime, { sequences }: StateStore) => {
      const log = openSqliteEventLog(join(service.dataDir, 'fleet.db'));
      shutdown.addAfterClose('close the event log', async () => log[Symbol.asyncDispose]());
      const facts = new EventLogModelFacts({
        log,
        sequences,
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
