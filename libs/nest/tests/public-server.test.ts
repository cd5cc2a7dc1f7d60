import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import type { DynamicModule } from '@nestjs/common';
import { startService } from '@parley/nest';
import type { PublicServer, ServiceOptions } from '@parley/nest';
import { describe, expect, it } from 'vitest';
import { DataFolder } from './service-fixture.ts';

const token = Symbol('PUBLIC');

/** A server that takes connections and remembers what it was told. */
class EchoServer implements PublicServer {
  readonly told: (boolean | 'closed')[] = [];
  readonly #port: number;
  readonly #server: Server = createServer();

  constructor(port: number) {
    this.#port = port;
  }

  async listen(): Promise<number> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  setServing(serving: boolean): void {
    if (this.told.at(-1) !== serving) this.told.push(serving);
  }

  async close(): Promise<void> {
    this.told.push('closed');
    this.#server.close();
    await Promise.resolve();
  }
}

class EchoModule {}

describe('a further server of a module', () => {
  function options(folder: DataFolder, server: EchoServer, port = 0): ServiceOptions {
    const module = (): DynamicModule => ({
      module: EchoModule,
      providers: [{ provide: token, useValue: server }],
    });
    const publicServer = { token, port, variable: 'PARLEY_PUBLIC_PORT' };
    return folder.options({}, { httpPort: 0, grpcServices: [], module, publicServer });
  }

  it('listens with the others, is told of readiness, and closes with them', async () => {
    using folder = new DataFolder();
    const server = new EchoServer(0);
    const service = await startService(options(folder, server));
    expect(service.publicPort).toBeGreaterThan(0);
    expect(server.told).toEqual([true]);
    await service.stop();
    expect(server.told).toEqual([true, false, 'closed']);
  });

  it('whose port is in use stops the start, and its variable is named', async () => {
    using folder = new DataFolder();
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    await expect(startService(options(folder, new EchoServer(port), port))).rejects.toThrow(
      `PARLEY_PUBLIC_PORT: port ${port} of 127.0.0.1 is in use`,
    );
    blocker.close();
  });
});
