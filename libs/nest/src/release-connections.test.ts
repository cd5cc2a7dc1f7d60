import { once } from 'node:events';
import { Agent, createServer, get } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { releaseConnections } from './release-connections.ts';

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let server: Server;

async function ask(): Promise<string | undefined> {
  const { port } = server.address() as AddressInfo;
  const [response] = (await once(get({ port, agent }), 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response.headers.connection;
}

beforeEach(async () => {
  server = createServer((_request, response) => response.end('ok'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  agent.destroy();
  server.close();
});

describe('connections of an instance that goes away', () => {
  it('are served once more, told to close, and waited for no longer than that takes', async () => {
    expect(await ask()).toBe('keep-alive');
    const begin = performance.now();
    const released = releaseConnections(server, 20_000);
    expect(await ask()).toBe('close');
    await released;
    expect(performance.now() - begin).toBeLessThan(10_000);
  });

  it('that stay silent are waited for as long as was said', async () => {
    await ask();
    const begin = performance.now();
    await releaseConnections(server, 60);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(55);
  });
});
