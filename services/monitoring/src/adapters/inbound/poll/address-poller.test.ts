import { systemClock } from '@parley/kernel';
import { expect, it, vi } from 'vitest';
import { Discovery } from '../../../domain/discovery.ts';
import { FleetView } from '../../../domain/fleet-view.ts';
import { FleetWatch } from '../../../domain/fleet-watch.ts';
import { StatusFeed } from '../../../domain/status-feed.ts';
import { FakeFleetEvents } from '../../../ports/fake-fleet-events.ts';
import { FakeInstanceProbe } from '../../../ports/fake-instance-probe.ts';
import { FakeNameResolver } from '../../../ports/fake-name-resolver.ts';
import { AddressPoller } from './address-poller.ts';
import { FleetPoller } from './fleet-poller.ts';

it('shows pods behind a name as they come and go', async () => {
  const configured = [{ service: 'model', address: 'pods:1' }];
  const resolver = new FakeNameResolver();
  const view = new FleetView(configured, systemClock);
  const feed = new StatusFeed(() => view.status());
  const instances = new FakeInstanceProbe();
  const watch = new FleetWatch(instances, view, feed, new FakeFleetEvents());
  await using poller = new FleetPoller(watch, configured, 1);
  const onChange = vi.fn();
  const discovery = new Discovery(configured, resolver);
  await using addresses = new AddressPoller({ discovery, poller, view, instances, onChange }, 10_000);
  const shown = (): string[] => view.status().instances.map(({ address }) => address);
  poller.start();

  resolver.names.set('pods', ['10.0.0.1', '10.0.0.2']);
  await addresses.look();
  expect(shown()).toEqual(['10.0.0.1:1', '10.0.0.2:1']);
  await vi.waitFor(() => expect(poller.health()).toEqual({ ok: true }));

  resolver.names.set('pods', ['10.0.0.2', '10.0.0.3']);
  await addresses.look();
  expect(shown()).toEqual(['10.0.0.2:1', '10.0.0.3:1']);
  await addresses.look();
  expect(onChange).toHaveBeenCalledTimes(2);
});
