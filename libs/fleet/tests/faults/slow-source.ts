import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A file that comes a byte at a time and never to its end, for jobs that are at work until they are ended. */
export interface SlowSource extends AsyncDisposable {
  readonly url: string;
  /** How often the file was asked for. */
  readonly requests: number;
}

const everyMs = 200;
const claimedBytes = 50_000_000;

/** Serves it on a loopback port. */
export async function slowSource(): Promise<SlowSource> {
  let requests = 0;
  const server = createServer((request, response) => {
    if (request.method === 'GET') requests++;
    response.writeHead(200, { 'content-length': claimedBytes, etag: '"1"' });
    if (request.method !== 'GET') return void response.end();
    const timer = setInterval(() => response.write('x'), everyMs);
    response.on('close', () => clearInterval(timer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/slow.gguf`,
    get requests() {
      return requests;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
