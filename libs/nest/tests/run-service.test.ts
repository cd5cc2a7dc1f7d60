import { execFile, fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { instance } from '@parley/contracts';
import { createGrpcClient, unary } from '@parley/grpc';
import type { ServiceMessage } from '@parley/nest';
import { beforeAll, describe, expect, it } from 'vitest';
import { DataFolder, tenant } from './service-fixture.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const main = fileURLToPath(new URL('fixtures/service-main.ts', import.meta.url));

/** A service as a process; killed at the end of the block if it still runs. */
class ServiceProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly #folder = new DataFolder();
  readonly #exit: Promise<number | string>;
  stdout = '';
  stderr = '';

  constructor(env: NodeJS.ProcessEnv = {}) {
    const base = {
      PATH: process.env['PATH'],
      PARLEY_DATA: this.#folder.path,
      PARLEY_GRPC_PORT: '0',
      PARLEY_TELEMETRY_PORT: '0',
    };
    this.child = fork(main, { env: { ...base, ...env }, silent: true, execArgv: ['--no-warnings'] });
    this.child.stdout?.on('data', (text: Buffer) => (this.stdout += text.toString()));
    this.child.stderr?.on('data', (text: Buffer) => (this.stderr += text.toString()));
    // No `close`: it does not come after a `disconnect()` of our own.
    const read = [this.child.stdout, this.child.stderr].flatMap((stream) =>
      stream ? [once(stream, 'end')] : [],
    );
    this.#exit = once(this.child, 'exit').then(async ([code, signal]) => {
      await Promise.all(read);
      return (code as number | null) ?? String(signal);
    });
  }

  get folder(): DataFolder {
    return this.#folder;
  }

  async message(type: ServiceMessage['type']): Promise<ServiceMessage> {
    for (;;) {
      const [message] = (await once(this.child, 'message')) as [ServiceMessage];
      if (message.type === type) return message;
    }
  }

  /** The exit code, or the name of the signal that killed it. */
  exit(): Promise<number | string> {
    return this.#exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#exit;
    this.#folder[Symbol.dispose]();
  }
}

beforeAll(async () => {
  await promisify(execFile)(process.execPath, ['node_modules/.bin/tsc', '-b', 'libs/nest'], { cwd: root });
});

describe('a service process', () => {
  it('tells its parent when it listens and when it is ready', async () => {
    await using service = new ServiceProcess({ T_READY_AFTER_MS: '400' });
    const listening = await service.message('listening');
    const readyz = `http://127.0.0.1:${listening.telemetryPort}/readyz`;
    expect(await (await fetch(readyz)).json()).toMatchObject({
      checks: [{ name: 'lifecycle', ok: true }, { name: 'fixture' }],
    });
    const ready = await service.message('ready');
    expect(ready).toEqual({ ...listening, type: 'ready' });
    expect((await fetch(readyz)).status).toBe(200);
  });

  it('ends by itself with code 0 at SIGTERM, open connections or not', async () => {
    await using service = new ServiceProcess();
    const { grpcPort, telemetryPort } = await service.message('ready');
    const client = createGrpcClient(instance.InstanceClient, {
      addresses: [`127.0.0.1:${grpcPort}`],
      tokens: service.folder.tokens('monitoring'),
    });
    await unary(client.describe.bind(client), {}, { tenant });
    await fetch(`http://127.0.0.1:${telemetryPort}/metrics`);
    const begin = performance.now();
    service.child.kill('SIGTERM');
    expect(await service.exit()).toBe(0);
    expect(performance.now() - begin).toBeLessThan(5000);
    expect(service.stdout).toContain('step ran');
    expect(service.stderr).toBe('');
    client.close();
  });

  it('stops at SIGINT when nobody supervises it', async () => {
    await using service = new ServiceProcess();
    await service.message('ready');
    service.child.kill('SIGINT');
    expect(await service.exit()).toBe(0);
    expect(service.stdout).toContain('step ran');
  });

  it('ignores SIGINT when supervised, and stops when its parent is gone', async () => {
    await using service = new ServiceProcess({ PARLEY_SUPERVISED: 'true' });
    const { telemetryPort } = await service.message('ready');
    service.child.kill('SIGINT');
    service.child.kill('SIGINT');
    expect((await fetch(`http://127.0.0.1:${telemetryPort}/readyz`)).status).toBe(200);
    service.child.disconnect();
    expect(await service.exit()).toBe(0);
    expect(service.stdout).toContain('step ran');
  });

  it('that is told to stop while it starts stops in good order', async () => {
    await using service = new ServiceProcess({ T_SLOW: '1' });
    await expect.poll(() => service.stdout, { timeout: 30_000 }).toContain('starting slowly');
    service.child.kill('SIGTERM');
    expect(await service.exit()).toBe(0);
    expect(service.stdout).toContain('step ran');
  });

  it('that cannot end is ended, saying what is still open', async () => {
    await using service = new ServiceProcess({ T_LEAK: '1', PARLEY_DRAIN_TIMEOUT_MS: '0' });
    await service.message('ready');
    service.child.kill('SIGTERM');
    expect(await service.exit()).toBe(1);
    expect(service.stderr).toMatch(/still open after the stop: .*Timeout/);
  });
});

describe('a service process that cannot start', () => {
  it('tells all configuration faults in one message and exits with 1', async () => {
    await using service = new ServiceProcess({ PARLEY_GRPC_PORT: 'many', PARLEY_LOG_LEVEL: 'loud' });
    expect(await service.exit()).toBe(1);
    expect(service.stderr).toMatch(
      /^parley: cannot start\. The configuration is not valid:\n {2}PARLEY_GRPC_PORT: .*\n {2}PARLEY_LOG_LEVEL: .*\n$/,
    );
  });

  it('tells which port is in use', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    await using service = new ServiceProcess({ PARLEY_GRPC_PORT: String(port) });
    expect(await service.exit()).toBe(1);
    expect(service.stderr).toMatch(
      new RegExp(`^parley model: cannot start\\..*\\n {2}PARLEY_GRPC_PORT: port ${port} .* in use.*\\n$`),
    );
    blocker.close();
  });

  it('tells that the fleet secret is missing', async () => {
    await using service = new ServiceProcess({ PARLEY_FLEET_SECRET_FILE: '/nowhere/fleet-secret' });
    expect(await service.exit()).toBe(1);
    expect(service.stderr).toMatch(/PARLEY_FLEET_SECRET_FILE: \/nowhere\/fleet-secret cannot be read/);
    expect(service.stderr).not.toContain('    at ');
  });

  it('shows the stack of a defect', async () => {
    await using service = new ServiceProcess({ T_DEFECT: '1' });
    expect(await service.exit()).toBe(1);
    expect(service.stderr).toMatch(/TypeError: a defect\n\s+at /);
  });
});
