import { join } from 'node:path';
import type { FactoryProvider } from '@nestjs/common';
import { kafkaTargetOf, redisTargetOf } from '@parley/config';
import { ControlData } from '@parley/control';
import type { ControlWatch } from '@parley/control';
import { openEventLog } from '@parley/events';
import type { EventLog } from '@parley/events/ports';
import { systemClock } from '@parley/kernel';
import { RUNTIME } from '@parley/nest';
import type { ServiceRuntime } from '@parley/nest';
import { openState } from '@parley/state';
import type { StateStore } from '@parley/state/ports';
import { EventLogModelFacts } from './adapters/outbound/event-log-model-facts.ts';
import type { ModelServiceConfig } from './config.ts';
import { ModelServiceEvents } from './events.ts';
import { CONTROL, EVENT_LOG, STATE } from './tokens.ts';

/** For the last events at shutdown. */
const lastEventsMs = 2_000;

/** The fleet's store. */
export function stateProvider({ service, redis }: ModelServiceConfig): FactoryProvider {
  return {
    provide: STATE,
    inject: [RUNTIME],
    useFactory: async ({ shutdown, logger }: ServiceRuntime) => {
      const state = await openState({
        redis: redisTargetOf(redis),
        file: join(service.dataDir, 'fleet.db'),
      });
      shutdown.addAfterClose('close the state store', async () => state[Symbol.asyncDispose]());
      const { confirmed, reasons } = state.durability;
      if (!confirmed)
        logger.warn({ reasons }, 'It is not confirmed that the state store keeps what it has acknowledged');
      return state;
    },
  };
}

/** The fleet's event log. */
export function eventLogProvider({ service, kafka }: ModelServiceConfig): FactoryProvider {
  return {
    provide: EVENT_LOG,
    inject: [RUNTIME],
    useFactory: async ({ shutdown, instanceId, logger }: ServiceRuntime): Promise<EventLog> => {
      const log = await openEventLog({
        kafka: kafkaTargetOf(kafka),
        file: join(service.dataDir, 'fleet.db'),
        client: `parley-model-${instanceId}`,
        lines: logger,
      });
      shutdown.addAfterClose('close the event log', async () => log[Symbol.asyncDispose]());
      return log;
    },
  };
}

/** Control data: in the store, and in the topic that outlives it. */
export const controlProvider: FactoryProvider = {
  provide: CONTROL,
  inject: [RUNTIME, STATE, EVENT_LOG, ModelServiceEvents],
  useFactory: async (
    { instanceId, shutdown }: ServiceRuntime,
    { control: store, rebuild }: StateStore,
    log: EventLog,
    events: ModelServiceEvents,
  ) => {
    const watch: ControlWatch = {
      rebuilt: (keys) => events.controlRebuilt(keys),
      failed: (error) => events.controlFailed(error),
    };
    const source = `/parley/model/${instanceId}`;
    const control = new ControlData({ store, rebuild, log, source, clock: systemClock, watch });
    shutdown.addAfterClose('end the work on control data', async () => control[Symbol.asyncDispose]());
    await control.start();
    return control;
  },
};

/** What happens to models, for people, dashboards and other services. */
export const eventsProvider: FactoryProvider = {
  provide: ModelServiceEvents,
  inject: [RUNTIME, STATE, EVENT_LOG],
  useFactory: (
    { metrics, logger, instanceId, shutdown }: ServiceRuntime,
    { sequences }: StateStore,
    log: EventLog,
  ) => {
    const facts = new EventLogModelFacts({
      log,
      sequences,
      clock: systemClock,
      instanceId,
      watch: {
        failed: (error) => events.publishingFailed(error),
        dropped: (count) => events.eventsDropped(count),
      },
    });
    shutdown.addAfterClose('publish the last model events', (signal) =>
      facts.close(AbortSignal.any([signal, AbortSignal.timeout(lastEventsMs)])),
    );
    const events: ModelServiceEvents = new ModelServiceEvents(metrics, logger, facts);
    return events;
  },
};
