import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { randomInt } from 'node:crypto';
import { ParleyError } from '@parley/kernel';

/** The address on which everything of a local fleet listens. */
export const loopback = '127.0.0.1';

/**
 * Below the ranges from which Linux (32768 up) and macOS (49152 up) take the ports of outgoing connections: a
 * neighbour that redials a service while it restarts can then never be given the service's own port.
 */
const lowestPort = 20_000;
const highestPort = 29_999;

/**
 * Ports of the loopback address that nobody uses, all different.
 * @throws ParleyError `unavailable` when there are not enough.
 */
export async function freePorts(count: number): Promise<number[]> {
  const held: Server[] = [];
  const ports: number[] = [];
  const span = highestPort - lowestPort + 1;
  const start = randomInt(span);
  try {
    for (let step = 0; ports.length < count && step < span; step++) {
      const port = lowestPort + ((start + step) % span);
      const server = await listenOn(port).catch(() => undefined);
      if (server === undefined) continue;
      held.push(server);
      ports.push(port);
    }
  } finally {
    await Promise.all(held.map(close));
  }
  if (ports.length < count) {
    throw new ParleyError(
      'unavailable',
      `No ${count} free ports between ${lowestPort} and ${highestPort} on ${loopback}.`,
    );
  }
  return ports;
}

/**
 * Makes sure that the gateway can listen on `port`.
 * @throws ParleyError `conflict` when somebody else does, `config_invalid` when this user may not.
 */
export async function checkPortFree(port: number): Promise<void> {
  try {
    await close(await listenOn(port));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const choose = 'Choose another with --port or PARLEY_PORT; 0 takes a free one.';
    if (code === 'EADDRINUSE')
      throw new ParleyError('conflict', `Port ${port} is in use by another program. ${choose}`);
    if (code === 'EACCES')
      throw new ParleyError('config_invalid', `This user may not listen on port ${port}. ${choose}`);
    throw error;
  }
}

function listenOn(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: loopback, exclusive: true }, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
