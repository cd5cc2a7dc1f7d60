import { once } from 'node:events';
import type { Server } from 'node:http';

/** Takes no new connections, lets running answers end for `graceMs`, then cuts them. */
export async function closeHttpServer(server: Server, graceMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}
