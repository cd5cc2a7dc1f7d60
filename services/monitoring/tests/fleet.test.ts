import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { fleet } from '@parley/contracts';
import { eventually } from '@parley/testing';
import { describeAnswer } from './support/describe-answer.ts';
import { FakeInstance } from './support/fake-instance.ts';
import { FakeProcess } from './support/fake-process.ts';
import { RunningMonitoring } from './support/running-monitoring.ts';

const health = {
  ready: fleet.InstanceHealth.INSTANCE_HEALTH_READY,
  notReady: fleet.InstanceHealth.INSTANCE_HEALTH_NOT_READY,
  unresponsive: fleet.InstanceHealth.INSTANCE_HEALTH_UNRESPONSIVE,
  down: fleet.InstanceHealth.INSTANCE_HEALTH_DOWN,
};

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Waits until an instance has a health. Without a limit: as long as a loaded machine may need to start things. */
async function shows(
  monitoring: RunningMonitoring,
  service: string,
  expected: fleet.InstanceHealth,
  withinMs = 10_000,
): Promise<void> {
  const check = async () => expect((await monitoring.instance(service))?.health).toBe(expected);
  await eventually(check, { timeoutMs: withinMs, everyMs: 50 });
}

describe('the monitoring service', () => {
  it('shows a fleet of five with what each says, itself among them', async () => {
    await using gateway = await new FakeInstance({ service: 'gateway', instanceId: 'g1' }).listen();
    await using dialogue = await new FakeInstance({ service: 'dialogue' }).listen();
    await using model = await new FakeInstance({ service: 'model' }).listen();
    await using logging = await new FakeInstance({ service: 'logging' }).listen();
    await using monitoring = await RunningMonitoring.start({
      PARLEY_GATEWAY_ADDRESS: gateway.address,
      PARLEY_DIALOGUE_ADDRESS: dialogue.address,
      PARLEY_MODEL_ADDRESS: model.address,
      PARLEY_LOGGING_ADDRESS: logging.address,
      PARLEY_GRPC_PORT: String(await freePort()),
    });
    const five = ['gateway', 'dialogue', 'model', 'logging', 'monitoring'];
    await eventually(
      async () => {
        const { instances } = await monitoring.status();
        expect(instances.map((one) => [one.service, one.health])).toEqual(
          five.map((name) => [name, health.ready]),
        );
      },
      { timeoutMs: 10_000 },
    );
    const seen = await monitoring.instance('gateway');
    expect(seen).toMatchObject({
      address: gateway.address,
      instanceId: 'g1',
      version: '1.2.3',
      residentMemoryBytes: 1_000_000,
      reason: '',
    });
    expect(Date.now() - (seen?.lastAnswerAt?.getTime() ?? 0)).toBeLessThan(5000);
    expect((await monitoring.instance('monitoring'))?.instanceId).toBe(monitoring.service.runtime.instanceId);
    expect(await monitoring.counted()).toEqual(Object.fromEntries(five.map((name) => [`${name} ready`, 1])));
    await eventually(async () => expect(await monitoring.ready()).toBe(true));
  });

  it('asks with a fleet token of its own', async () => {
    await using model = await new FakeInstance({ service: 'model' }).listen();
    await using monitoring = await RunningMonitoring.start({ PARLEY_MODEL_ADDRESS: model.address });
    await eventually(() => expect(model.tokens.length).toBeGreaterThan(0));
    expect(monitoring.tokens.verify(model.tokens[0]?.replace('Bearer ', '') ?? '').caller).toBe('monitoring');
  });

  it('passes on why an instance is not ready, and that it is again', async () => {
    await using model = await new FakeInstance({ service: 'model' }).listen();
    await using monitoring = await RunningMonitoring.start({ PARLEY_MODEL_ADDRESS: model.address });
    await shows(monitoring, 'model', health.ready);
    model.answer = describeAnswer({
      ready: false,
      checks: [{ name: 'engine', ok: false, reason: 'loading parley-tiny' }],
    });
    await shows(monitoring, 'model', health.notReady);
    expect((await monitoring.instance('model'))?.reason).toBe('engine: loading parley-tiny');
    expect(await monitoring.counted()).toEqual({ 'model not_ready': 1 });
    model.answer = describeAnswer({});
    await shows(monitoring, 'model', health.ready);
    expect((await monitoring.instance('model'))?.reason).toBe('');
  });

  it('shows an instance that refuses its token as not ready, and why', async () => {
    await using model = await new FakeInstance({ service: 'model' }).listen();
    model.failure = 'unauthenticated';
    await using monitoring = await RunningMonitoring.start({ PARLEY_MODEL_ADDRESS: model.address });
    await shows(monitoring, 'model', health.notReady);
    expect((await monitoring.instance('model'))?.reason).toBe(
      'It answers with the error unauthenticated: No.',
    );
  });

  it('shows an instance that keeps its connection but never answers as unresponsive', async () => {
    await using model = await new FakeInstance({ service: 'model' }).listen();
    await using monitoring = await RunningMonitoring.start({ PARLEY_MODEL_ADDRESS: model.address });
    await shows(monitoring, 'model', health.ready);
    model.answer = undefined;
    await shows(monitoring, 'model', health.unresponsive, 5000);
  });

  it('shows a stopped process within 5 s, and that it runs again', async () => {
    await using logging = await FakeProcess.start('logging', 'l1');
    await using monitoring = await RunningMonitoring.start({ PARLEY_LOGGING_ADDRESS: logging.address });
    await shows(monitoring, 'logging', health.ready);
    logging.signal('SIGSTOP');
    await shows(monitoring, 'logging', health.unresponsive, 5000);
    expect((await monitoring.instance('logging'))?.reason).toContain('1500 ms');
    logging.signal('SIGCONT');
    await shows(monitoring, 'logging', health.ready, 5000);
    expect((await monitoring.instance('logging'))?.instanceId).toBe('l1');
  });

  it('shows a dead process within 5 s, and its successor soon after it is up', async () => {
    await using dialogue = await FakeProcess.start('dialogue', 'd1');
    await using monitoring = await RunningMonitoring.start({ PARLEY_DIALOGUE_ADDRESS: dialogue.address });
    await shows(monitoring, 'dialogue', health.ready);
    await dialogue.kill();
    await shows(monitoring, 'dialogue', health.down, 5000);
    expect(await monitoring.instance('dialogue')).toMatchObject({
      instanceId: 'd1',
      reason: 'Nobody listens at its address.',
    });
    await using _successor = await FakeProcess.start('dialogue', 'd2', dialogue.port);
    await shows(monitoring, 'dialogue', health.ready, 5000);
    expect((await monitoring.instance('dialogue'))?.instanceId).toBe('d2');
  });

  it('shows a process that is killed while it is stopped as down', async () => {
    await using model = await FakeProcess.start('model', 'm1');
    await using monitoring = await RunningMonitoring.start({ PARLEY_MODEL_ADDRESS: model.address });
    await shows(monitoring, 'model', health.ready);
    model.signal('SIGSTOP');
    await shows(monitoring, 'model', health.unresponsive, 5000);
    await model.kill();
    await shows(monitoring, 'model', health.down, 5000);
  });

  it('shows an address that nobody ever listened on as down', async () => {
    await using monitoring = await RunningMonitoring.start({
      PARLEY_MODEL_ADDRESS: `127.0.0.1:${await freePort()}`,
    });
    await shows(monitoring, 'model', health.down, 5000);
  });

  it('does not start with an address that is none', async () => {
    await expect(RunningMonitoring.start({ PARLEY_MODEL_ADDRESS: 'nowhere' })).rejects.toMatchObject({
      code: 'config_invalid',
    });
  });
});

describe('watching the fleet', () => {
  it('brings the status now, then at every change', async () => {
    await using model = await new FakeInstance({ service: 'model' }).listen();
    await using monitoring = await RunningMonitoring.start({ PARLEY_MODEL_ADDRESS: model.address });
    await shows(monitoring, 'model', health.ready);
    const seen: string[] = [];
    for await (const status of monitoring.watch()) {
      const [one] = status.instances;
      seen.push(`${one?.instanceId} ${one?.health === health.ready ? 'ready' : 'not ready'}`);
      if (seen.length === 1) model.answer = describeAnswer({ instanceId: 'i2' });
      if (seen.length === 2) model.answer = describeAnswer({ instanceId: 'i2', ready: false });
      if (seen.length === 3) break;
    }
    expect(seen).toEqual(['i1 ready', 'i2 ready', 'i2 not ready']);
  });

  it('ends when the service stops', async () => {
    const monitoring = await RunningMonitoring.start({});
    const watch = monitoring.watch();
    await watch.next();
    const stopping = monitoring[Symbol.asyncDispose]();
    await expect(
      watch.next().then(
        (step) => step.done,
        () => true,
      ),
    ).resolves.toBe(true);
    await stopping;
  });

  it('is for the gateway only', async () => {
    await using monitoring = await RunningMonitoring.start({}, 'dialogue');
    await expect(monitoring.status()).rejects.toMatchObject({ code: 'permission_denied' });
  });
});
