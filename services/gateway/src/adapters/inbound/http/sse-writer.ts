import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EventSink } from '../../../domain/relay-turn.ts';
import { ssePing } from '../../../domain/sse.ts';
import { contextOf } from './request-context.ts';
import { commonHeaders } from './responses.ts';
import { roomToWrite } from './room-to-write.ts';

export interface SseWriterOptions {
  /** A silent stream sends a comment this often. */
  readonly pingMs: number;
  /** A client that takes nothing for this long is disconnected. */
  readonly stallTimeoutMs: number;
  readonly onOpen: () => void;
  readonly onStalled: () => void;
}

/**
 * One client's event stream over a hijacked reply. `write` resolves when the client's connection has room, so that
 * whoever feeds it reads no faster than the client.
 */
export class SseWriter implements EventSink {
  readonly #request: FastifyRequest;
  readonly #reply: FastifyReply;
  readonly #options: SseWriterOptions;
  #ping: NodeJS.Timeout | undefined;
  #opened = false;

  constructor(request: FastifyRequest, reply: FastifyReply, options: SseWriterOptions) {
    this.#request = request;
    this.#reply = reply;
    this.#options = options;
  }

  get opened(): boolean {
    return this.#opened;
  }

  /** Begins the answer, so that the client knows that it was accepted. */
  open(): void {
    this.#begin();
    this.#reply.raw.flushHeaders();
  }

  async write(events: readonly string[]): Promise<void> {
    this.#begin();
    const { raw } = this.#reply;
    if (raw.destroyed) return;
    this.#ping?.refresh();
    if (raw.write(events.join(''))) return;
    await roomToWrite(raw, this.#options.stallTimeoutMs, this.#options.onStalled);
  }

  /** Says something that is no event; left out when the client is slow. */
  comment(text: string): void {
    this.#begin();
    const { raw } = this.#reply;
    if (!raw.writableNeedDrain && !raw.destroyed) raw.write(text);
  }

  end(): void {
    this.#begin();
    clearInterval(this.#ping);
    this.#reply.raw.end();
  }

  #begin(): void {
    if (this.#opened) return;
    this.#opened = true;
    contextOf(this.#request).protocol = 'sse';
    this.#reply.hijack();
    const { raw } = this.#reply;
    // A client that breaks off is told by 'close'; its socket's error is nobody's fault here.
    raw.on('error', () => undefined);
    raw.writeHead(200, {
      ...commonHeaders(this.#request),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    this.#ping = setInterval(() => {
      if (!raw.writableNeedDrain && !raw.destroyed) raw.write(ssePing);
    }, this.#options.pingMs);
    raw.once('close', () => clearInterval(this.#ping));
    this.#options.onOpen();
  }
}
