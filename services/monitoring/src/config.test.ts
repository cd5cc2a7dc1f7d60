import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeConfig } from '@parley/config';
import { configSpec, fleetAddresses, readConfig } from './config.ts';

function own(env: NodeJS.ProcessEnv): readonly string[] {
  return fleetAddresses(readConfig(env)).monitoring;
}

describe('the addresses of the fleet', () => {
  it('have this service among them, where it is told to be', () => {
    expect(own({ PARLEY_MONITORING_ADDRESS: '10.0.0.1:7', PARLEY_GRPC_PORT: '9' })).toEqual(['10.0.0.1:7']);
  });

  it('have this service among them where it listens, unless told', () => {
    expect(own({ PARLEY_GRPC_PORT: '9' })).toEqual(['127.0.0.1:9']);
    expect(own({ PARLEY_GRPC_PORT: '9', PARLEY_HOST: '0.0.0.0' })).toEqual(['127.0.0.1:9']);
    expect(own({ PARLEY_GRPC_PORT: '9', PARLEY_HOST: '::1' })).toEqual(['[::1]:9']);
  });

  it('are as they are told for the others', () => {
    const env = { PARLEY_MODEL_ADDRESS: '10.0.0.1:1, 10.0.0.2:1' };
    expect(fleetAddresses(readConfig(env))).toMatchObject({
      model: ['10.0.0.1:1', '10.0.0.2:1'],
      gateway: [],
    });
  });
});

it('the README names every variable of this service', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  for (const { variable } of describeConfig(configSpec.neighbours)) expect(readme).toContain(variable);
});
