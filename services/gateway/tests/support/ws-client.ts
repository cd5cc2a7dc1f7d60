import { WebSocket } from 'ws';
import { apiKey } from './booted-gateway.ts';
import type { BootedGateway } from './booted-gateway.ts';

/** An event of the gateway, as a test looks at it. */
export interface ServerEvent {
  readonly type: string;
  readonly response_id?: string;
  readonly stream_id?: string;
  readonly event_id?: string;
  readonly sequence_number?: number;
  readonly delta?: string;
  readonly code?: string;
  readonly message?: string;
  readonly param?: string | null;
  readonly status?: number;
  readonly stage?: string;
  readonly estimate_ms?: number;
  readonly response?: { readonly id: string; readonly status: string; readonly model: string };
  readonly error?: { readonly code: string; readonly headers: Readonly<Record<string, string>> };
}

/** A bare WebSocket client that keeps what it was sent. */
export class WsClient implements AsyncDisposable {
  readonly socket: WebSocket;
  readonly events: ServerEvent[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;
  #read = 0;
  #wake = Promise.withResolvers<void>();

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => {
      this.events.push(JSON.parse(data.toString('utf8')) as ServerEvent);
      this.#changed();
    });
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString('utf8') };
      this.#changed();
    });
    socket.on('error', () => undefined);
  }

  static async open(
    gateway: BootedGateway,
    options: { readonly autoPong?: boolean } = {},
  ): Promise<WsClient> {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/responses`, {
      headers: { authorization: `Bearer ${apiKey}` },
      ...options,
    });
    const client = new WsClient(socket);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  send(frame: object | string): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** The next event that was not read yet. @throws Error when the connection closes first */
  async next(): Promise<ServerEvent> {
    for (;;) {
      const event = this.events[this.#read];
      if (event !== undefined) {
        this.#read += 1;
        return event;
      }
      if (this.closed !== undefined) throw new Error(`closed: ${JSON.stringify(this.closed)}`);
      await this.#wake.promise;
    }
  }

  /** Reads on to an event of that type. */
  async until(type: string): Promise<ServerEvent> {
    for (;;) {
      const event = await this.next();
      if (event.type === type) return event;
    }
  }

  /** The events of a response, up to now. */
  of(responseId: string | undefined): ServerEvent[] {
    return this.events.filter(({ response_id }) => response_id === responseId);
  }

  async close(): Promise<void> {
    this.socket.close();
    while (this.closed === undefined) await this.#wake.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.terminate();
    await Promise.resolve();
  }

  #changed(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}

/** The text of events' deltas, joined. */
export function wsText(events: readonly ServerEvent[]): string {
  return events.map(({ delta }) => delta ?? '').join('');
}
