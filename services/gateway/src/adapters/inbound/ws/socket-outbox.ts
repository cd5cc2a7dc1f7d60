import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/** The connection is not read any further while more than this waits to be sent: what it says may ask for answers. */
const mostUnsentBytes = 1_048_576;

export interface SocketOutboxOptions {
  /** A client that takes nothing for this long is told of. */
  readonly stallTimeoutMs: number;
  readonly onStalled: () => void;
}

/**
 * What is sent to one client, at the client's pace: `write` resolves when its connection has room, so that whoever
 * feeds it reads no faster. What may wait is bounded: a batch for each turn that writes, and the answers to frames,
 * which are not read while too much waits.
 */
export class SocketOutbox implements Disposable {
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #options: SocketOutboxOptions;
  #room: PromiseWithResolvers<void> | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #drainedAt = Number.NEGATIVE_INFINITY;

  constructor(webSocket: WebSocket, socket: Socket, options: SocketOutboxOptions) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#options = options;
    socket.on('drain', this.#onRoom);
    socket.once('close', () => this[Symbol.dispose]());
  }

  /** Whether the client has not taken what was sent before. */
  get backlogged(): boolean {
    return this.#socket.writableNeedDrain;
  }

  /**
   * Whether a backlog was taken not long ago, in the time that a client has to take something. Then there may be
   * megabytes on their way, which the system buffers, and nothing that is sent now arrives soon.
   */
  get flowing(): boolean {
    return performance.now() - this.#drainedAt < this.#options.stallTimeoutMs;
  }

  /** Sends frames together; resolves when the client may be given more, or has gone. */
  write(frames: readonly string[]): Promise<void> {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return Promise.resolve();
    this.#socket.cork();
    for (const frame of frames) this.#webSocket.send(frame);
    this.#socket.uncork();
    if (this.#socket.writableLength > mostUnsentBytes) this.#stopReading();
    return this.backlogged ? this.#waitForRoom() : Promise.resolve();
  }

  /** Sends a frame that nobody misses: it is left out when the client is slow. */
  hint(frame: string): void {
    if (!this.backlogged) void this.write([frame]);
  }

  /** Lets go of everyone who waits. */
  [Symbol.dispose](): void {
    this.#socket.off('drain', this.#onRoom);
    this.#onRoom();
  }

  #stopReading(): void {
    if (this.#webSocket.isPaused) return;
    this.#webSocket.pause();
    void this.#waitForRoom().then(() => this.#webSocket.resume());
  }

  #waitForRoom(): Promise<void> {
    if (this.#socket.destroyed) return Promise.resolve();
    this.#room ??= Promise.withResolvers();
    this.#watchdog ??= this.#watch();
    return this.#room.promise;
  }

  /** Progress is what the socket has taken. */
  #watch(): NodeJS.Timeout {
    let taken = this.#taken();
    return setInterval(() => {
      const before = taken;
      taken = this.#taken();
      if (taken > before) return;
      this[Symbol.dispose]();
      this.#options.onStalled();
    }, this.#options.stallTimeoutMs);
  }

  #taken(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength;
  }

  readonly #onRoom = (): void => {
    this.#drainedAt = performance.now();
    clearInterval(this.#watchdog);
    this.#watchdog = undefined;
    this.#room?.resolve();
    this.#room = undefined;
  };
}
