import { expect, it } from 'vitest';
import { FakeNameResolver } from '../ports/fake-name-resolver.ts';
import { Discovery } from './discovery.ts';

const model = (address: string) => ({ service: 'model', address });

it('shows every address behind a name, and follows it', async () => {
  const resolver = new FakeNameResolver();
  const discovery = new Discovery([model('parley-model-headless:9103')], resolver);
  expect(await discovery.targets()).toEqual([model('parley-model-headless:9103')]);
  resolver.names.set('parley-model-headless', ['10.0.0.7', '10.0.0.3', 'fd00::1']);
  expect(await discovery.targets()).toEqual([
    model('10.0.0.3:9103'),
    model('10.0.0.7:9103'),
    model('[fd00::1]:9103'),
  ]);
  resolver.names.set('parley-model-headless', ['10.0.0.9']);
  expect(await discovery.targets()).toEqual([model('10.0.0.9:9103')]);
});

it('keeps what it found while the name cannot be resolved', async () => {
  const resolver = new FakeNameResolver();
  const discovery = new Discovery([model('pods:1')], resolver);
  resolver.names.set('pods', ['10.0.0.1']);
  await discovery.targets();
  resolver.names.clear();
  expect(await discovery.targets()).toEqual([model('10.0.0.1:1')]);
});

it('leaves addresses alone, and counts one that comes twice once', async () => {
  const resolver = new FakeNameResolver();
  resolver.names.set('pods', ['10.0.0.1', '10.0.0.1']);
  const fixed = [model('127.0.0.1:5'), model('[::1]:5'), model('localhost:5')];
  const discovery = new Discovery([...fixed, model('10.0.0.1:1'), model('pods:1')], resolver);
  expect(await discovery.targets()).toEqual([...fixed, model('10.0.0.1:1')]);
});
