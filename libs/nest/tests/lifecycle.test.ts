import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '@parley/config';
import { sleep } from '@parley/kernel';
import { startService } from '@parley/nest';
import type { ServiceOptions } from '@parley/nest';
import { describe, expect, it } from 'vitest';
import { DataFolder, TestService } from './service-fixture.ts';

describe('the telemetry port', () => {
  it('tells life, readiness with reasons, and metrics', async () => {
    await using fixture = await TestService.start();
    expect((await fixture.telemetry('/healthz')).status).toBe(200);
    expect((await fixture.telemetry('/readyz')).status).toBe(200);
    fixture.service.runtime.readiness.add('record', () => ({
      ok: false,
      reason: 'the record cannot be opened',
    }));
    const notReady = await fixture.telemetry('/readyz');
    expect(notReady.status).toBe(503);
    expect(await notReady.json()).toMatchObject({
      ready: false,
      checks: [
        { name: 'lifecycle', ok: true },
        { name: 'record', ok: false, reason: 'the record cannot be opened' },
      ],
    });
    expect((await fixture.telemetry('/healthz')).status).toBe(200);
    const metrics = await fixture.telemetry('/metrics');
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    expect(await metrics.text()).toContain('parley_fleet_instances');
    expect((await fixture.telemetry('/elsewhere')).status).toBe(404);
  });

  it('is there before the modules are', async () => {
    using folder = new DataFolder();
    const probe = Promise.withResolvers<string>();
    const { module, ...rest } = folder.options({});
    const service = await startService({
      ...rest,
      config: { ...rest.config, telemetryPort: await freePort() },
      module: async (runtime) => {
        probe.resolve(JSON.stringify(runtime.readiness.report()));
        return module(runtime);
      },
    });
    expect(await probe.promise).toContain('starting');
    await service.stop();
  });
});

describe('a graceful stop', () => {
  it('turns readiness off first, then runs the steps, then closes the servers, then the last steps', async () => {
    await using fixture = await TestService.start();
    const { shutdown } = fixture.service.runtime;
    const seen: string[] = [];
    shutdown.add('drain', async () => {
      seen.push(
        `drain: readyz ${(await fixture.telemetry('/readyz')).status}, call ${await outcome(fixture.get())}`,
      );
    });
    shutdown.addAfterClose('store', async () => {
      seen.push(
        `store: readyz ${(await fixture.telemetry('/readyz')).status}, call ${await outcome(fixture.get())}`,
      );
    });
    await fixture.service.stop();
    expect(seen).toEqual(['drain: readyz 503, call answered', 'store: readyz 503, call unavailable']);
    await expect(fixture.telemetry('/healthz')).rejects.toThrow();
  });

  it('lets a running call end', async () => {
    const entered = Promise.withResolvers<void>();
    await using fixture = await TestService.start({
      get: async () => {
        entered.resolve();
        await sleep(300);
        return 'finished';
      },
    });
    const answer = fixture.get();
    await entered.promise;
    await fixture.service.stop();
    expect(await answer).toMatchObject({ instances: [{ reason: 'finished' }] });
  });

  it('cuts a call that does not end, after its grace', async () => {
    const entered = Promise.withResolvers<void>();
    await using fixture = await TestService.start({
      get: () => {
        entered.resolve();
        return new Promise(() => undefined);
      },
    });
    const answer = outcome(fixture.get());
    await entered.promise;
    await fixture.service.stop();
    expect(await answer).toBe('unavailable');
  });

  it('happens once however often it is asked for', async () => {
    await using fixture = await TestService.start();
    let runs = 0;
    fixture.service.runtime.shutdown.add('count', () => Promise.resolve(void runs++));
    await Promise.all([fixture.service.stop(), fixture.service.stop()]);
    expect(runs).toBe(1);
  });
});

describe('a service with HTTP', () => {
  const http: Partial<ServiceOptions> = {
    httpPort: 0,
    configureHttp: (fastify) => void fastify.get('/hello', () => ({ hello: 'world' })),
  };

  it('serves raw routes beside its gRPC', async () => {
    await using fixture = await TestService.start({}, http);
    const response = await fetch(`http://127.0.0.1:${fixture.service.httpPort}/hello`);
    expect(await response.json()).toEqual({ hello: 'world' });
    expect(await fixture.get()).toMatchObject({ instances: [{ reason: 'hello' }] });
  });

  it('passes the error codes of its gRPC handlers too', async () => {
    await using fixture = await TestService.start({ get: () => Promise.reject(new TypeError('x')) }, http);
    await expect(fixture.get()).rejects.toMatchObject({ code: 'internal' });
  });

  it('cuts an answer that does not end, after its grace', async () => {
    await using fixture = await TestService.start(
      {},
      {
        httpPort: 0,
        configureHttp: (fastify) =>
          void fastify.get('/forever', (_, reply) => {
            reply.hijack();
            reply.raw.writeHead(200).write('begin');
          }),
      },
    );
    const response = await fetch(`http://127.0.0.1:${fixture.service.httpPort}/forever`);
    const body = outcome(response.text());
    await fixture.service.stop();
    expect(await body).not.toBe('answered');
  });
});

describe('a start that fails', () => {
  it.each([
    ['PARLEY_GRPC_PORT', {}],
    ['PARLEY_TELEMETRY_PORT', {}],
  ])('because the port of %s is in use says so and leaves nothing running', async (variable) => {
    using folder = new DataFolder();
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    const telemetryPort = variable === 'PARLEY_GRPC_PORT' ? await freePort() : port;
    const env = { PARLEY_TELEMETRY_PORT: String(telemetryPort), [variable]: String(port) };
    const failure = await startService(folder.options({}, {}, env)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConfigError);
    expect(String(failure)).toContain(`${variable}: port ${port} of 127.0.0.1 is in use`);
    if (telemetryPort !== port)
      await expect(fetch(`http://127.0.0.1:${telemetryPort}/healthz`)).rejects.toThrow();
    blocker.close();
  });

  it('because the HTTP port is in use names its variable', async () => {
    using folder = new DataFolder();
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    await expect(startService(folder.options({}, { httpPort: port }))).rejects.toThrow(
      `PARLEY_PORT: port ${port}`,
    );
    blocker.close();
  });

  it('because a module fails passes its error on and runs what was to be closed', async () => {
    using folder = new DataFolder();
    let closed = false;
    const module = (runtime: {
      shutdown: { addAfterClose(name: string, step: () => Promise<void>): void };
    }): never => {
      runtime.shutdown.addAfterClose('store', () => Promise.resolve(void (closed = true)));
      throw new ConfigError([{ variable: 'X', message: 'is wrong' }]);
    };
    await expect(startService(folder.options({}, { module }))).rejects.toThrow('X: is wrong');
    expect(closed).toBe(true);
  });
});

async function outcome(answer: Promise<unknown>): Promise<string> {
  return answer.then(
    () => 'answered',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
