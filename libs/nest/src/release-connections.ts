import type { Server, ServerResponse } from 'node:http';
import { Deadline, sleep } from '@parley/kernel';

const intervalMs = 20;

/**
 * Makes every answer from here on the last of its connection: a balancer in front chooses an instance for each
 * connection, so a client that keeps its connection alive would stay with this one to the end. Resolves when no
 * connection is open any more, or after `mostMs`: closing one at once could lose the request that is on its way.
 */
export async function releaseConnections(server: Server, mostMs: number): Promise<void> {
  server.prependListener('request', (_request, response: ServerResponse) => {
    response.shouldKeepAlive = false;
  });
  const until = Deadline.in(mostMs);
  while (!until.passed && (await openConnections(server)) > 0) await sleep(intervalMs);
}

function openConnections(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}
