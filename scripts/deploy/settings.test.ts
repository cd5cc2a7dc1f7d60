import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig as dialogue } from '../../services/dialogue/src/config.ts';
import { readConfig as gateway } from '../../services/gateway/src/config.ts';
import { readConfig as logging } from '../../services/logging/src/config.ts';
import { readConfig as model } from '../../services/model/src/config.ts';
import { readConfig as monitoring } from '../../services/monitoring/src/config.ts';
import { composeProject } from './compose-project.ts';
import { chart, findTools, ofKind, render, root } from './tools.ts';

const readers = { dialogue, gateway, logging, model, monitoring } as const;
const services = Object.keys(readers) as (keyof typeof readers)[];

/** What a secret's value is of no interest for. */
const secret = 'x'.repeat(43);

/** What the Dockerfile sets in every image; services that do not have a model cache need not know of it. */
const ofImage = Object.fromEntries(
  [...readFileSync(join(root, 'Dockerfile'), 'utf8').matchAll(/\b(PARLEY_\w+)=(\S+)/g)].map(
    ([, name = '', value = '']) => [name, value],
  ),
);

/** Reads a service's configuration from an environment; @returns the variables of Parley's in it that nobody asked for. */
function unread(service: keyof typeof readers, env: Readonly<Record<string, string>>): string[] {
  const asked = new Set<PropertyKey>();
  const watched = new Proxy(
    { ...ofImage, ...env },
    {
      get(target, name) {
        asked.add(name);
        return Reflect.get(target, name);
      },
    },
  );
  expect(() => readers[service](watched)).not.toThrow();
  return Object.keys(env).filter((name) => name.startsWith('PARLEY_') && !asked.has(name));
}

describe('the settings in the images', () => {
  it('are known to the services', () => {
    expect(Object.keys(ofImage).toSorted()).toEqual([
      'PARLEY_CONFIG',
      'PARLEY_DATA',
      'PARLEY_HOST',
      'PARLEY_MODEL_CACHE',
    ]);
    expect(unread('model', ofImage)).toEqual([]);
  });
});

const helm = findTools('helm');
describe.skipIf(helm.skip)(helm.title('the settings in the chart'), () => {
  it.each(['default', 'dev', 'gpu', 'secured', 'fixed-size'])(
    'with %s-values are valid and known',
    (set) => {
      const deployments = ofKind(render('--values', `${chart}/ci/${set}-values.yaml`), 'Deployment');
      for (const { metadata, spec } of deployments) {
        const service = services.find((name) => metadata.name.endsWith(`-${name}`));
        const { env = [] } = spec.template.spec.containers[0] ?? {};
        const values = Object.fromEntries(env.map(({ name, value = secret }) => [name, value]));
        expect([metadata.name, service === undefined ? ['?'] : unread(service, values)]).toEqual([
          metadata.name,
          [],
        ]);
      }
    },
    60_000,
  );
});

const loader = findTools('compose-loader');
describe.skipIf(loader.skip)(loader.title('the settings in compose.yaml'), () => {
  it.each(services)('of %s are valid and known', (service) => {
    expect(unread(service, composeProject().services[service]?.environment ?? {})).toEqual([]);
  });
});
