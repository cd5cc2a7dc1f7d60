import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { composeProject, loadCompose, loadText } from './compose-project.ts';
import { findTools, root, run } from './tools.ts';

const tools = findTools('compose-loader');
const services = ['dialogue', 'gateway', 'logging', 'model', 'monitoring'];
const servers = ['grafana', 'kafka', 'postgres', 'prometheus', 'redis'];
const text = readFileSync(join(root, 'compose.yaml'), 'utf8');

describe.skipIf(tools.skip)(tools.title('compose.yaml'), () => {
  const project = tools.skip ? { services: {} } : composeProject();

  it('holds the fleet and its servers', () => {
    expect(Object.keys(project.services).toSorted()).toEqual([...services, ...servers, 'secret'].toSorted());
  });

  it('would not be accepted with a mistake in it', () => {
    const { ok, stderr } = loadText(text.replace('stop_grace_period: 45s', 'stop_grace: 45s'));
    expect([ok, stderr]).toEqual([false, expect.stringMatching(/services\.\w+\.stop_grace/)]);
  });

  it('starts nothing without a key, and says how to make one', () => {
    const { ok, stderr } = run('compose-loader', ['compose.yaml']);
    expect([ok, stderr]).toEqual([false, expect.stringMatching(/PARLEY_API_KEY.*openssl rand -hex 32/)]);
  });

  it.each(services)('builds %s, has an image for it, and looks at its sources', (name) => {
    const service = project.services[name];
    expect(service?.image).toBe(`parley/${name}:0.1.0`);
    expect(service?.build).toMatchObject(
      name === 'model' ? { target: 'model-cpu' } : { target: 'service', args: { SERVICE: name } },
    );
    const watched = service?.develop?.watch.map(({ path }) => path) ?? [];
    expect(watched).toContain(join(root, 'services', name, 'src'));
    expect(watched.filter((path) => !existsSync(path))).toEqual([]);
  });

  it.each(services)('runs %s without root, on a root that it cannot write', (name) => {
    expect(project.services[name]).toMatchObject({ user: '65532:65532', read_only: true, cap_drop: ['ALL'] });
  });

  it.each([...services, ...servers])('has a health check, a limit and a place for the data of %s', (name) => {
    const service = project.services[name];
    expect(service?.healthcheck?.test?.length).toBeGreaterThan(1);
    expect(service?.deploy.resources.limits).toMatchObject({
      cpus: expect.anything(),
      memory: expect.anything(),
    });
    expect(service?.volumes?.length).toBeGreaterThan(0);
  });

  it('names official images with their version', () => {
    expect(servers.map((name) => project.services[name]?.image)).toEqual([
      expect.stringMatching(/^grafana\/grafana:\d/),
      expect.stringMatching(/^apache\/kafka:\d/),
      expect.stringMatching(/^postgres:\d/),
      expect.stringMatching(/^prom\/prometheus:v\d/),
      expect.stringMatching(/^redis:\d/),
    ]);
  });

  it('mounts only files that are there', () => {
    const mounted = Object.values(project.services).flatMap(({ volumes = [] }) =>
      volumes.filter(({ type }) => type === 'bind').map(({ source }) => source),
    );
    expect(mounted.length).toBeGreaterThan(3);
    expect(mounted.filter((path) => !existsSync(path))).toEqual([]);
  });
});

describe.skipIf(tools.skip)(tools.title('compose.gpu.yaml'), () => {
  it('gives the model service a GPU and the image that can use it', () => {
    expect(loadCompose('compose.gpu.yaml').stderr).toBe('');
    const { model, gateway } = composeProject('compose.gpu.yaml').services;
    expect(model).toMatchObject({
      image: 'parley/model-cuda:0.1.0',
      build: { target: 'model-cuda' },
      deploy: {
        resources: {
          limits: { memory: '6G' },
          reservations: { devices: [{ driver: 'nvidia', count: 1, capabilities: ['gpu'] }] },
        },
      },
    });
    expect(gateway).toEqual(composeProject().services['gateway']);
  });
});
