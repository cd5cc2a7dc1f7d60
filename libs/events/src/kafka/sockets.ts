import { connect, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';

const keepAliveMs = 60_000;

/** Opens a connection; kafkajs gives null for `ssl` where nothing is encrypted, whatever its type says. */
export const openSocket: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const tls = ssl as typeof ssl | null;
  const name = isIP(host) === 0 ? { servername: host } : {};
  const socket = tls
    ? connectTls({ host, port, ...name, ...tls }, onConnect)
    : connect({ host, port }, onConnect);
  socket.setKeepAlive(true, keepAliveMs);
  return socket;
};

/**
 * The connections of one kafkajs client. kafkajs has no way to give up what it is doing; closing its connections, and
 * opening no more, ends that at its next step.
 */
export class Sockets {
  readonly #openOne: ISocketFactory;
  readonly #open = new Set<Socket>();
  #closed = false;

  constructor(openOne: ISocketFactory = openSocket) {
    this.#openOne = openOne;
  }

  /** Opens a connection, as kafkajs asks for it. */
  readonly factory: ISocketFactory = (asked) => {
    if (this.#closed) throw new Error('the client has been closed');
    const socket = this.#openOne(asked);
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    return socket;
  };

  /** Ends every connection; what waits for an answer fails. */
  close(): void {
    this.#closed = true;
    for (const socket of this.#open) socket.destroy(new Error('the client has been closed'));
  }
}
