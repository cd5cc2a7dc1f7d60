import { sleep } from '@parley/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { commonHeaders } from './responses.ts';
import { roomToWrite } from './room-to-write.ts';

export interface NdjsonWriterOptions {
  /** Beside those that every answer carries. */
  readonly headers: Readonly<Record<string, string>>;
  /** A client that takes nothing for this long is disconnected. */
  readonly stallTimeoutMs: number;
  readonly onStalled: () => void;
}

/**
 * One client's stream of JSON lines over a hijacked reply. `write` resolves when the client's connection has room, so
 * that whoever feeds it reads no faster than the client.
 */
export class NdjsonWriter {
  readonly #request: FastifyRequest;
  readonly #reply: FastifyReply;
  readonly #options: NdjsonWriterOptions;
  #opened = false;

  constructor(request: FastifyRequest, reply: FastifyReply, options: NdjsonWriterOptions) {
    this.#request = request;
    this.#reply = reply;
    this.#options = options;
  }

  get opened(): boolean {
    return this.#opened;
  }

  /** Begins the answer, so that the client has its head before the first line. */
  open(): void {
    this.#begin();
    this.#reply.raw.flushHeaders();
  }

  async write(line: object): Promise<void> {
    this.#begin();
    const { raw } = this.#reply;
    const { stallTimeoutMs, onStalled } = this.#options;
    if (raw.destroyed || raw.write(textOf(line))) return;
    await roomToWrite(raw, stallTimeoutMs, onStalled);
  }

  end(): void {
    this.#begin();
    this.#reply.raw.end();
  }

  /** Ends a stream that is not whole: with a line that says why, and a connection that breaks, so that nobody takes it for one. */
  async breakOff(lastLine: object): Promise<void> {
    this.#begin();
    const { raw } = this.#reply;
    const written = new Promise<void>((resolve) => {
      raw.write(textOf(lastLine), () => resolve());
    });
    await Promise.race([written, sleep(this.#options.stallTimeoutMs)]);
    raw.destroy();
  }

  #begin(): void {
    if (this.#opened) return;
    this.#opened = true;
    this.#reply.hijack();
    const { raw } = this.#reply;
    // A client that breaks off is told by 'close'; its socket's error is nobody's fault here.
    raw.on('error', () => undefined);
    raw.writeHead(200, {
      ...commonHeaders(this.#request),
      ...this.#options.headers,
      'content-type': 'application/x-ndjson; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
  }
}

function textOf(line: object): string {
  return `${JSON.stringify(line)}\n`;
}
