import { Module } from '@nestjs/common';
import type { DynamicModule, FactoryProvider } from '@nestjs/common';
import { systemClock } from '@parley/kernel';
import { RUNTIME } from '@parley/nest';
import type { ServiceRuntime } from '@parley/nest';
import { GetFleetController } from './adapters/inbound/grpc/get-fleet.ts';
import { WatchFleetController } from './adapters/inbound/grpc/watch-fleet.ts';
import { AddressPoller } from './adapters/inbound/poll/address-poller.ts';
import { FleetPoller } from './adapters/inbound/poll/fleet-poller.ts';
import { DnsNames } from './adapters/outbound/dns-names.ts';
import { GrpcInstanceProbe } from './adapters/outbound/grpc-instance-probe.ts';
import { fleetAddresses } from './config.ts';
import type { MonitoringConfig } from './config.ts';
import { Discovery } from './domain/discovery.ts';
import { FleetView } from './domain/fleet-view.ts';
import { FleetWatch } from './domain/fleet-watch.ts';
import type { Target } from './domain/instance-status.ts';
import { StatusFeed } from './domain/status-feed.ts';
import { targetsOf } from './domain/targets.ts';
import { MonitoringEvents } from './events.ts';
import type { InstanceProbe } from './ports/instance-probe.ts';

const TARGETS = Symbol('TARGETS');
const INSTANCE_PROBE = Symbol('INSTANCE_PROBE');

/** A dead instance shows within this plus the retries of one question, a hanging one within this plus the limit. */
const pollEveryMs = 1000;
const answerLimitMs = 1500;
/** How soon a pod that comes or goes is seen. */
const resolveEveryMs = 5000;

/** Binds the ports of the monitoring service to its adapters. */
@Module({})
export class AppModule {
  static register(config: MonitoringConfig): DynamicModule {
    const targets = targetsOf(fleetAddresses(config));
    return {
      module: AppModule,
      controllers: [GetFleetController, WatchFleetController],
      providers: [{ provide: TARGETS, useValue: targets }, ...domain, probe, poller],
    };
  }
}

const domain: FactoryProvider[] = [
  {
    provide: MonitoringEvents,
    inject: [RUNTIME],
    useFactory: ({ metrics, logger }: ServiceRuntime) => new MonitoringEvents(metrics, logger),
  },
  {
    provide: FleetView,
    inject: [TARGETS],
    useFactory: (targets: readonly Target[]) => new FleetView(targets, systemClock),
  },
  {
    provide: StatusFeed,
    inject: [RUNTIME, FleetView],
    useFactory: ({ shutdown }: ServiceRuntime, view: FleetView) => {
      const feed = new StatusFeed(() => view.status());
      shutdown.add('end the watchers', async () => feed.close());
      return feed;
    },
  },
  {
    provide: FleetWatch,
    inject: [INSTANCE_PROBE, FleetView, StatusFeed, MonitoringEvents],
    useFactory: (instances: InstanceProbe, view: FleetView, feed: StatusFeed, events: MonitoringEvents) =>
      new FleetWatch(instances, view, feed, events),
  },
];

const probe: FactoryProvider = {
  provide: INSTANCE_PROBE,
  inject: [RUNTIME, TARGETS],
  useFactory: ({ tokens, shutdown }: ServiceRuntime, targets: readonly Target[]): InstanceProbe => {
    const addresses = targets.map((target) => target.address);
    const instances = new GrpcInstanceProbe(tokens, answerLimitMs, addresses);
    shutdown.addAfterClose('close the channels', () => instances[Symbol.asyncDispose]());
    return instances;
  },
};

const poller: FactoryProvider = {
  provide: FleetPoller,
  inject: [RUNTIME, TARGETS, FleetWatch, FleetView, MonitoringEvents, StatusFeed, INSTANCE_PROBE],
  useFactory: (
    { readiness, shutdown }: ServiceRuntime,
    targets: readonly Target[],
    watch: FleetWatch,
    view: FleetView,
    events: MonitoringEvents,
    feed: StatusFeed,
    instances: InstanceProbe,
  ) => {
    const poller = new FleetPoller(watch, targets, pollEveryMs);
    const discovery = new Discovery(targets, new DnsNames());
    const onChange = (): void => {
      events.fleetSeen(view.status());
      feed.changed();
    };
    const addresses = new AddressPoller({ discovery, poller, view, instances, onChange }, resolveEveryMs);
    readiness.add('poller', () => poller.health());
    shutdown.add('stop polling', async () => {
      await addresses[Symbol.asyncDispose]();
      await poller[Symbol.asyncDispose]();
    });
    events.fleetSeen(view.status());
    poller.start();
    addresses.start();
    return poller;
  },
};
