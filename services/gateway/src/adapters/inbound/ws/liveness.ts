import type { WebSocket } from 'ws';
import { closeCodes } from './close-codes.ts';
import type { Close } from './close-codes.ts';
import type { SocketOutbox } from './socket-outbox.ts';

export interface LivenessOptions {
  /** How often a ping is sent; one that is not answered before the next ends the connection. */
  readonly heartbeatMs: number;
  /** How long a connection may say nothing while no turn runs on it. */
  readonly idleTimeoutMs: number;
}

/**
 * Finds out that a client is gone without a word, or has no use for its connection. A client that takes its time is
 * neither: a ping behind a backlog waits like everything else, and the outbox knows when that takes too long.
 */
export class Liveness implements Disposable {
  readonly #webSocket: WebSocket;
  readonly #outbox: SocketOutbox;
  readonly #options: LivenessOptions;
  readonly #timer: NodeJS.Timeout;
  #heard = true;
  #saidAt = performance.now();

  /**
   * @param busy whether a turn runs on the connection
   * @param onDead is told, once, how the connection should be closed
   */
  constructor(
    webSocket: WebSocket,
    outbox: SocketOutbox,
    options: LivenessOptions,
    busy: () => boolean,
    onDead: (close: Close) => void,
  ) {
    this.#webSocket = webSocket;
    this.#outbox = outbox;
    this.#options = options;
    this.#timer = setInterval(() => {
      const close = this.#look(busy());
      if (close === undefined) return;
      this[Symbol.dispose]();
      onDead(close);
    }, options.heartbeatMs).unref();
    webSocket.on('pong', () => (this.#heard = true));
  }

  /** The client has sent a frame. */
  said(): void {
    this.#heard = true;
    this.#saidAt = performance.now();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(busy: boolean): Close | undefined {
    if (busy) this.#saidAt = performance.now();
    if (performance.now() - this.#saidAt > this.#options.idleTimeoutMs) return closeCodes.idle;
    if (this.#outbox.backlogged || this.#outbox.flowing) return undefined;
    if (!this.#heard) return closeCodes.heartbeatMissed;
    this.#heard = false;
    this.#webSocket.ping();
    return undefined;
  }
}
