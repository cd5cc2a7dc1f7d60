import { expect, it } from 'vitest';
import { targetsOf } from './targets.ts';

it('every address of every service is a target once', () => {
  expect(targetsOf({ gateway: ['a:1', 'b:1', 'a:1'], model: [], logging: ['a:1'] })).toEqual([
    { service: 'gateway', address: 'a:1' },
    { service: 'gateway', address: 'b:1' },
    { service: 'logging', address: 'a:1' },
  ]);
});
