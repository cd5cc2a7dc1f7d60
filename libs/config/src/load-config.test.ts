import { join, resolve } from 'node:path';
import { inspect } from 'node:util';
import { homedir } from 'node:os';
import { describe, expect, it } from 'vitest';
import {
  ConfigError,
  Secret,
  describeConfig,
  envBool,
  envEnum,
  envInt,
  envList,
  envNumber,
  envPath,
  envSecret,
  envString,
  loadConfig,
  neighbourSection,
  serviceSection,
} from '@parley/config';

const spec = {
  http: {
    port: envInt('T_PORT', { default: 8080, min: 0, max: 65_535, doc: 'The port.' }),
    origins: envList('T_ORIGINS', { default: ['a', 'b'], doc: 'Origins.' }),
  },
  ratio: envNumber('T_RATIO', { default: 0.5, min: 0, max: 1, doc: 'A ratio.' }),
  quiet: envBool('T_QUIET', { default: false, doc: 'Quiet.' }),
  level: envEnum('T_LEVEL', { values: ['low', 'high'], default: 'low', doc: 'A level.' }),
  name: envString('T_NAME', { doc: 'A name.' }),
  key: envSecret('T_KEY', { doc: 'A key.' }),
  folder: envPath('T_FOLDER', { default: 'data', doc: 'A folder.' }),
} as const;

const least = { T_NAME: 'x', T_KEY: 'k' };

function faultsOf(env: NodeJS.ProcessEnv): Record<string, string> {
  try {
    loadConfig(spec, env);
  } catch (error) {
    if (error instanceof ConfigError)
      return Object.fromEntries(error.faults.map((fault) => [fault.variable, fault.message]));
  }
  return {};
}

describe('loading a configuration', () => {
  it('takes the defaults of what is not set', () => {
    const config = loadConfig(spec, least);
    expect(config).toMatchObject({
      http: { port: 8080, origins: ['a', 'b'] },
      ratio: 0.5,
      quiet: false,
      level: 'low',
    });
    expect(config.folder).toBe(resolve('data'));
  });

  it('reads every kind of variable', () => {
    const config = loadConfig(spec, {
      ...least,
      T_PORT: '0',
      T_ORIGINS: ' one, ,two ',
      T_RATIO: '.25',
      T_QUIET: 'ON',
      T_LEVEL: 'high',
      T_FOLDER: '~/there',
    });
    expect(config).toMatchObject({
      http: { port: 0, origins: ['one', 'two'] },
      ratio: 0.25,
      quiet: true,
      level: 'high',
      name: 'x',
    });
    expect(config.folder).toBe(join(homedir(), 'there'));
    expect(config.key.reveal()).toBe('k');
  });

  it('counts an empty variable as not set', () => {
    expect(loadConfig(spec, { ...least, T_PORT: '  ' }).http.port).toBe(8080);
    expect(faultsOf({ ...least, T_NAME: '' })).toHaveProperty('T_NAME');
  });

  it('reports all faults at once, each with what was found and expected', () => {
    const faults = faultsOf({
      T_PORT: '99999',
      T_RATIO: 'much',
      T_QUIET: 'perhaps',
      T_LEVEL: 'mid',
      T_KEY: 'k',
    });
    expect(Object.keys(faults)).toEqual(['T_PORT', 'T_RATIO', 'T_QUIET', 'T_LEVEL', 'T_NAME']);
    expect(faults['T_PORT']).toContain('"99999" is not a whole number from 0 to 65535');
    expect(faults['T_LEVEL']).toContain('one of low, high');
    expect(faults['T_NAME']).toContain('is not set');
  });

  it.each(['1.5', '1e3', '0x10', 'NaN', 'Infinity', ''])('takes %j for no whole number', (text) => {
    const strict = { n: envInt('T_N', { doc: 'A number.' }) };
    expect(() => loadConfig(strict, { T_N: text })).toThrow(ConfigError);
  });

  it('is frozen all the way down', () => {
    const config = loadConfig(spec, least);
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.http)).toBe(true);
    expect(Object.isFrozen(config.http.origins)).toBe(true);
  });

  it('describes its variables in order', () => {
    const described = describeConfig(spec);
    expect(described.map(({ variable }) => variable).slice(0, 3)).toEqual(['T_PORT', 'T_ORIGINS', 'T_RATIO']);
    expect(described[0]).toEqual({
      variable: 'T_PORT',
      type: 'a whole number from 0 to 65535',
      default: '8080',
      doc: 'The port.',
    });
    expect(described.find(({ variable }) => variable === 'T_NAME')).not.toHaveProperty('default');
  });
});

describe('the shared sections', () => {
  it('start from nothing with the documented defaults', () => {
    const config = loadConfig({ service: serviceSection, neighbours: neighbourSection }, {});
    expect(config.service).toMatchObject({
      host: '127.0.0.1',
      grpcPort: 50_051,
      telemetryPort: 9464,
      logLevel: 'info',
      supervised: false,
    });
    expect(config.service.dataDir).toBe(resolve('.parley'));
    expect(config.service.fleetSecretFile).toBe('');
    expect(config.neighbours.model).toEqual([]);
  });

  it('read several addresses of a neighbour', () => {
    const config = loadConfig(neighbourSection, { PARLEY_MODEL_ADDRESS: '127.0.0.1:1,127.0.0.1:2' });
    expect(config.model).toEqual(['127.0.0.1:1', '127.0.0.1:2']);
  });
});

describe('a secret', () => {
  it('never shows its value', () => {
    const secret = new Secret('hunter2');
    expect([String(secret), JSON.stringify({ secret }), inspect({ secret })].join()).not.toContain('hunter2');
    expect(secret.reveal()).toBe('hunter2');
  });
});
