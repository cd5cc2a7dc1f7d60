import type { Socket } from 'node:net';
import type { ISocketFactory } from 'kafkajs';
import { openSocket } from '../../src/kafka/sockets.ts';

/** Connections that can go deaf: the broker gets everything, and what it answers is not read. */
export class DeafSockets {
  readonly #sockets: Socket[] = [];
  #deaf = false;

  readonly open: ISocketFactory = (asked) => {
    const socket = openSocket(asked);
    this.#sockets.push(socket);
    if (this.#deaf) socket.pause();
    return socket;
  };

  set deaf(deaf: boolean) {
    this.#deaf = deaf;
    for (const socket of this.#sockets) {
      if (deaf) socket.pause();
      else socket.resume();
    }
  }
}
