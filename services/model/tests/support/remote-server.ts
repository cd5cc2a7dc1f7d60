import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

/** What a server was asked. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

/** What it answers. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Pieces are sent one by one. */
  readonly body?: string | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** What comes after the body; default: the end. `hang`: nothing, the connection stays. `cut`: it breaks. */
  readonly after?: 'end' | 'hang' | 'cut';
}

type Handler = (asked: Asked) => Reply | Promise<Reply>;

/** The bytes of a fixture. */
export function fixture(name: string): Uint8Array {
  return readFileSync(join(import.meta.dirname, '../fixtures/openai', name));
}

/** A stream of server-sent events. */
export function stream(body: NonNullable<Reply['body']>, rest: Partial<Reply> = {}): Reply {
  return { headers: { 'content-type': 'text/event-stream; charset=utf-8' }, body, ...rest };
}

export function json(value: unknown, rest: Partial<Reply> = {}): Reply {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(value), ...rest };
}

/** One event of a chat completion with a text. */
export function says(text: string, finish?: string): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: text }, finish_reason: finish ?? null }] })}\n\n`;
}

/** A server with an API like OpenAI's on a loopback port; it answers as a test says, byte by byte where asked. */
export class RemoteServer implements AsyncDisposable {
  readonly asked: Asked[] = [];
  /** Connections that are open. */
  readonly sockets = new Set<Socket>();
  /** Connections so far. */
  connections = 0;
  #models: Handler = () =>
    json({ object: 'list', data: [{ id: 'm', object: 'model', owned_by: 'somebody' }] });
  #others: Handler = () => json({ error: { message: 'Not Found' } }, { status: 404 });
  readonly #chats: Handler[] = [];
  #server: Server;
  #port = 0;

  private constructor() {
    this.#server = this.#make();
  }

  static async start(): Promise<RemoteServer> {
    const server = new RemoteServer();
    await server.back();
    return server;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.#port}/v1`;
  }

  get chats(): Asked[] {
    return this.asked.filter(({ path }) => path === '/v1/chat/completions');
  }

  /** What the next chats are answered, one each; the last one stays. */
  chat(...handlers: (Handler | Reply)[]): this {
    const asHandler = (handler: Handler | Reply): Handler =>
      typeof handler === 'function' ? handler : () => handler;
    this.#chats.splice(0, this.#chats.length, ...handlers.map(asHandler));
    return this;
  }

  models(handler: Handler): this {
    this.#models = handler;
    return this;
  }

  /** A list with one model. */
  lists(entry: Readonly<Record<string, unknown>>): this {
    return this.models(() => json({ object: 'list', data: [{ id: 'm', object: 'model', ...entry }] }));
  }

  /** Whatever is neither a chat nor the list of models. */
  others(handler: Handler): this {
    this.#others = handler;
    return this;
  }

  /** Ends it, its connections too, as if its machine had gone. */
  async away(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Listens (again), on the same port. */
  async back(): Promise<void> {
    this.#server = this.#make();
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.away();
  }

  #make(): Server {
    const server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    server.on('connection', (socket) => {
      this.connections++;
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => this.sockets.delete(socket));
    });
    return server;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const text = await textOf(request);
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    const asked = { method, path: url, headers, body };
    this.asked.push(asked);
    await send(await this.#handler(url)(asked), response);
  }

  #handler(path: string): Handler {
    if (path === '/v1/models') return this.#models;
    if (path !== '/v1/chat/completions') return this.#others;
    const [first] = this.#chats;
    if (this.#chats.length > 1) this.#chats.shift();
    return first ?? this.#others;
  }
}

async function textOf(request: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function send(reply: Reply, response: ServerResponse): Promise<void> {
  const { status = 200, headers = {}, body = '', after = 'end' } = reply;
  response.socket?.setNoDelay(true);
  response.writeHead(status, headers);
  response.flushHeaders();
  const pieces = typeof body === 'string' ? [Buffer.from(body)] : body;
  for await (const piece of pieces) {
    if (response.destroyed) return;
    response.write(piece);
    await setImmediate();
  }
  if (after === 'end') response.end();
  if (after === 'cut') response.socket?.destroySoon();
}
