import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** The length of PostgreSQL's question whether it may be TLS. */
const questionBytes = 8;

/** Stands before a PostgreSQL without TLS and offers TLS as PostgreSQL does, with any certificate. */
export class TlsProxy implements AsyncDisposable {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(port: number, key: string, cert: string): Promise<TlsProxy> {
    const server = createServer(
      (client) => void serve(client, port, key, cert).catch(() => client.destroy()),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TlsProxy(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await once(this.#server, 'close');
  }
}

async function serve(client: Socket, port: number, key: string, cert: string): Promise<void> {
  const [question] = (await once(client, 'data')) as [Buffer];
  if (question.length !== questionBytes) throw new Error('somebody speaks plainly');
  client.pause();
  client.write('S');
  const secured = new TLSSocket(client, { isServer: true, key, cert });
  const upstream = connect(port, '127.0.0.1');
  for (const socket of [secured, upstream, client]) socket.on('error', () => undefined);
  secured.pipe(upstream).pipe(secured);
  secured.once('close', () => upstream.destroy());
  upstream.once('close', () => client.destroy());
}
