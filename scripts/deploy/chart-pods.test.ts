import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chart, findTools, ofKind, render, root } from './tools.ts';
import type { Manifest } from './tools.ts';

const tools = findTools('helm');
const sets = readdirSync(join(root, chart, 'ci')).map((name) => `${chart}/ci/${name}`);

const podsOf = (manifests: readonly Manifest[]) =>
  ['Deployment', 'StatefulSet'].flatMap((kind) =>
    ofKind(manifests, kind).map(({ metadata, spec }) => ({ name: metadata.name, pod: spec.template.spec })),
  );

describe.skipIf(tools.skip).each(sets)(tools.title('every pod of %s'), (values) => {
  const manifests = tools.skip ? [] : render('--values', values);
  const pods = podsOf(manifests);

  it('is what the level "restricted" of Pod Security asks for', () => {
    expect(pods.length).toBeGreaterThan(2);
    for (const { name, pod } of pods) {
      expect([name, pod.securityContext]).toEqual([
        name,
        expect.objectContaining({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }),
      ]);
      expect([name, pod.automountServiceAccountToken, pod.enableServiceLinks]).toEqual([name, false, false]);
      for (const { securityContext } of pod.containers) {
        expect([name, securityContext]).toEqual([
          name,
          expect.objectContaining({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }),
        ]);
      }
    }
  });

  it('has a read-only root; only the image of Kafka writes into its own', () => {
    const writable = pods.filter(({ pod }) =>
      pod.containers.some(({ securityContext }) => securityContext['readOnlyRootFilesystem'] !== true),
    );
    expect(writable.filter(({ name }) => !name.endsWith('-kafka'))).toEqual([]);
  });

  it('has requests, a limit of memory and of its disk, and no variable twice', () => {
    for (const { name, pod } of pods) {
      for (const { env = [], resources } of pod.containers) {
        expect([name, resources.requests]).toEqual([
          name,
          expect.objectContaining({ cpu: expect.anything() }),
        ]);
        expect(Object.keys(resources.limits)).toEqual(
          expect.arrayContaining(['ephemeral-storage', 'memory']),
        );
        const names = env.map((variable) => variable.name);
        expect(names).toEqual([...new Set(names)]);
      }
    }
  });

  it('of a service ends within its grace: the wait before the signal, the drain and what follows', () => {
    for (const { metadata, spec } of ofKind(manifests, 'Deployment')) {
      const { containers, terminationGracePeriodSeconds } = spec.template.spec;
      const [container] = containers;
      const drain = container?.env?.find(({ name }) => name === 'PARLEY_DRAIN_TIMEOUT_MS')?.value;
      const preStop = container?.lifecycle?.preStop.sleep.seconds ?? Number.NaN;
      expect(preStop).toBeGreaterThan(2);
      expect([metadata.name, terminationGracePeriodSeconds]).toEqual([
        metadata.name,
        preStop + Number(drain) / 1000 + 15,
      ]);
    }
  });
});

describe.skipIf(tools.skip)(tools.title('a pod that answers turns'), () => {
  it('has more time than the longest turn by default', () => {
    const grace = ofKind(render('--values', `${chart}/ci/default-values.yaml`), 'Deployment')
      .filter(({ metadata }) => /-(gateway|dialogue|model)$/.test(metadata.name))
      .map(({ spec }) => spec.template.spec.terminationGracePeriodSeconds);
    expect(grace).toHaveLength(3);
    for (const seconds of grace) expect(seconds).toBeGreaterThanOrEqual(8 + 120 + 15);
  }, 60_000);
});
