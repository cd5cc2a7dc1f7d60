import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chart, conform, findTools, ofKind, render, root, run, template } from './tools.ts';

const sets = readdirSync(join(root, chart, 'ci')).map((name) => `${chart}/ci/${name}`);
const defaults = `${chart}/ci/default-values.yaml`;
const services = ['dialogue', 'gateway', 'logging', 'model', 'monitoring'];
const tools = findTools('helm', 'kubeconform', 'schemas');

describe.skipIf(tools.skip)(tools.title('the chart'), () => {
  it.each(sets)(
    'is sound with %s: linted, rendered, valid for Kubernetes',
    (values) => {
      const linted = run('helm', ['lint', '--strict', chart, '--values', values]);
      expect([linted.ok, linted.stdout]).toEqual([true, expect.stringContaining('0 chart(s) failed')]);
      const rendered = template('--values', values);
      expect(rendered.stderr).toBe('');
      const checked = conform(rendered.stdout);
      expect([checked.ok, checked.stdout]).toEqual([
        true,
        expect.stringMatching(/Invalid: 0, Errors: 0, Skipped: 0/),
      ]);
    },
    60_000,
  );

  it('renders the same twice', () => {
    const once = template('--values', defaults).stdout;
    expect(template('--values', defaults).stdout).toBe(once);
  }, 60_000);

  it('makes five Deployments, each with its Service, ServiceAccount, autoscaler and disruption budget', () => {
    const manifests = render('--values', defaults);
    const named = (kind: string): string[] =>
      ofKind(manifests, kind).map(({ metadata }) => metadata.name.replace('r-parley-', ''));
    for (const kind of ['Deployment', 'ServiceAccount', 'HorizontalPodAutoscaler', 'PodDisruptionBudget'])
      expect([kind, named(kind)]).toEqual([kind, services]);
    expect(named('Service')).toEqual([...services, 'r-parley']);
    const headless = ofKind(manifests, 'Service').filter(({ spec }) => spec.clusterIP === 'None');
    expect(headless).toHaveLength(5);
    expect(ofKind(manifests, 'NetworkPolicy')).toHaveLength(6);
  }, 60_000);
});

describe.skipIf(tools.skip)(tools.title('the number of pods'), () => {
  const replicas = (...args: string[]): (number | undefined)[] =>
    ofKind(render(...args), 'Deployment').map(({ spec }) => spec.replicas);

  it('belongs to the autoscaler where there is one', () => {
    expect(replicas('--values', defaults)).toEqual(services.map(() => undefined));
  }, 60_000);

  it('is the least of each service where there is none', () => {
    expect(replicas('--values', defaults, '--set', 'autoscaling.provider=none')).toEqual([3, 3, 2, 2, 1]);
  }, 60_000);

  it('of model pods with GPUs is fixed, and a rollout waits for a GPU that is free', () => {
    const model = (values: string) => {
      const manifests = render('--values', `${chart}/ci/${values}-values.yaml`);
      const { spec } =
        ofKind(manifests, 'Deployment').find(({ metadata }) => metadata.name.endsWith('-model')) ?? {};
      expect(ofKind(manifests, 'HorizontalPodAutoscaler')).toHaveLength(4);
      return {
        replicas: spec?.replicas,
        strategy: spec?.strategy,
        container: spec?.template.spec.containers[0],
      };
    };
    const two = model('gpu');
    expect([two.replicas, two.strategy]).toEqual([
      2,
      { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
    ]);
    expect(two.container?.resources.limits).toMatchObject({ 'nvidia.com/gpu': 1 });
    const one = model('one-gpu');
    expect([one.replicas, one.strategy]).toEqual([1, { type: 'Recreate' }]);
    expect(one.container?.resources.limits).toMatchObject({ 'nvidia.com/mig-1g.10gb': 1 });
  }, 60_000);
});

describe.skipIf(tools.skip)(tools.title('a value that is wrong'), () => {
  it.each([
    ['services.gateway.replica=3', "at '/services/gateway': additional properties 'replica' not allowed"],
    ['services.gatway.enabled=true', "at '/services': additional properties 'gatway' not allowed"],
    ['services.model.replicas.min=many', "at '/services/model/replicas/min': got string, want integer"],
    ['kafka.mode=cluster', "at '/kafka/mode': value must be one of 'external', 'dev'"],
    ['kafka.brokers={kafka}', "at '/kafka/brokers/0'"],
    ['redis.url=kafka:9092', "at '/redis/url'"],
    ['services.gateway.image.digest=sha256:12', "at '/services/gateway/image/digest'"],
    ['defaults.probes.readiness.httpGet=x', "at '/defaults/probes/readiness': additional properties"],
    ['services.model.callers={dialog}', 'services.model.callers names unknown "dialog"; there are dialogue,'],
    [
      'services.model.replicas.min=9',
      'services.model.replicas.min (9) is above services.model.replicas.max (8)',
    ],
    ['services.model.enabled=false', 'services.model.address is empty'],
    ['services.logging.replicas.max=13', 'services.logging.replicas.max (13) is above kafka.partitions (12)'],
    ['services.model.drain.preStopSeconds=8', 'services.model.drain.preStopSeconds (8) is below 19'],
    ['kafka.saslMechanism=plain', 'kafka.saslMechanism and kafka.username belong together'],
    ['auth.existingSecret=', 'auth.existingSecret is empty'],
    ['auth.create=true', 'auth.create and auth.existingSecret exclude each other'],
    ['kafka.brokers=', "at '/kafka/brokers': got string, want array"],
    ['postgres.url=', 'postgres.url is empty'],
    ['redis.url=', 'redis.url is empty'],
  ])(
    '%s is refused, and its path named',
    (setting, message) => {
      const { ok, stderr } = template('--values', defaults, '--set', setting);
      expect([ok, stderr]).toEqual([false, expect.stringContaining(message)]);
    },
    60_000,
  );

  it('is not accepted by the schemas of Kubernetes either: a null, an unknown field', () => {
    const service = (spec: string): string =>
      `{apiVersion: v1, kind: Service, metadata: {name: x}, spec: ${spec}}\n`;
    expect(conform(service('{clusterIP: None}')).ok).toBe(true);
    expect(conform(service('{clusterIP: null}')).ok).toBe(false);
    expect(conform(service('{clusterIp: None}')).ok).toBe(false);
  });
});
