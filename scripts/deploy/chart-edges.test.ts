import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from '@parley/config';
import { describe, expect, it } from 'vitest';
import { chart, findTools, ofKind, render, root } from './tools.ts';
import type { Manifest } from './tools.ts';

const tools = findTools('helm');
const services = ['dialogue', 'gateway', 'logging', 'model', 'monitoring'] as const;
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Values {
  readonly services: Readonly<
    Record<string, { readonly callers: readonly string[]; readonly stores: readonly string[] }>
  >;
}
const values = parseDocument('values.yaml', read(`${chart}/values.yaml`)).value as Values;

/** Who a service lets in, as its own code says; monitoring asks all how they are. */
function allowedCallers(service: string): string[] {
  const [, list = ''] =
    /allowedCallers: \[(.*)\]/.exec(read(`services/${service}/src/${service}-service.ts`)) ?? [];
  const named = [...list.matchAll(/'(\w+)'/g)].map(([, name = '']) => name);
  return [...new Set([...named, ...(service === 'monitoring' ? [] : ['monitoring'])])].toSorted();
}

/** The stores whose sections a service's configuration has. */
function storesOf(service: string): string[] {
  const text = read(`services/${service}/src/config.ts`);
  return ['kafka', 'postgres', 'redis'].filter((store) => text.includes(`${store}Section`));
}

describe("the chart's edges", () => {
  it.each(services)('into %s are those that its code allows', (service) => {
    expect(values.services[service]?.callers.toSorted()).toEqual(allowedCallers(service));
  });

  it.each(services)('lead %s to the stores that it has settings for', (service) => {
    expect(values.services[service]?.stores.toSorted()).toEqual(storesOf(service));
  });
});

type Rule = NonNullable<Manifest['spec']['egress']>[number];

describe.skipIf(tools.skip)(tools.title('the network policies'), () => {
  const policies = tools.skip
    ? []
    : ofKind(render('--values', `${chart}/ci/dev-values.yaml`), 'NetworkPolicy');
  const policyOf = (component: string): Manifest['spec'] | undefined =>
    policies.find(({ metadata }) => metadata.name === `r-parley-${component}`)?.spec;
  const reached = (
    peers: readonly { podSelector?: { matchLabels: Readonly<Record<string, string>> } }[],
  ): string[] =>
    peers.flatMap(({ podSelector }) => podSelector?.matchLabels['app.kubernetes.io/component'] ?? []);
  const open = (rules: readonly Rule[] | undefined, port: number | string): Rule[] =>
    (rules ?? []).filter((rule) => rule.ports.some((each) => each.port === port));

  it('deny everything that no other one allows', () => {
    const deny = policies.find(({ metadata }) => metadata.name === 'r-parley-default-deny')?.spec;
    expect(deny).toEqual({
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'parley', 'app.kubernetes.io/instance': 'r' } },
      policyTypes: ['Ingress', 'Egress'],
    });
  });

  it.each(services)('have both sides of every call to %s', (service) => {
    const callers = values.services[service]?.callers.toSorted();
    const incoming = (policyOf(service)?.ingress ?? []).filter(({ ports }) => ports[0]?.port === 'grpc');
    expect(incoming.flatMap(({ from = [] }) => reached(from)).toSorted()).toEqual(callers);
    const outgoing = services.filter((each) =>
      open(policyOf(each)?.egress, 50_051).some(({ to = [] }) => reached(to).includes(service)),
    );
    expect(outgoing).toEqual(callers);
  });

  it.each([
    ['redis', 6379],
    ['kafka', 9092],
    ['postgres', 5432],
  ])('let to %s those that keep data there', (store, port) => {
    const users = services.filter((service) => values.services[service]?.stores.includes(store));
    const incoming = (policyOf(store)?.ingress ?? []).flatMap(({ from = [] }) => reached(from));
    expect(incoming.toSorted()).toEqual(users);
    expect(services.filter((service) => open(policyOf(service)?.egress, port).length > 0)).toEqual(users);
  });
});
