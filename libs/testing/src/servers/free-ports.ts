import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server } from 'node:net';

/** Below the ports that systems give to outgoing connections: one of those could take the port of a server that is down. */
const [lowest, highest] = [20_000, 32_000];

const attempts = 100;

/** That many loopback ports that nobody listens on now. */
export async function freePorts(count: number): Promise<number[]> {
  const taken = new Map<number, Server>();
  try {
    for (let attempt = 0; taken.size < count; attempt++) {
      if (attempt === count * attempts) throw new Error('no loopback port is free');
      const port = lowest + Math.floor(Math.random() * (highest - lowest));
      const server = taken.has(port) ? undefined : await listenAt(port);
      if (server !== undefined) taken.set(port, server);
    }
    return [...taken.keys()];
  } finally {
    for (const server of taken.values()) server.close();
  }
}

async function listenAt(port: number): Promise<Server | undefined> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  } catch {
    return undefined;
  }
}
