import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a server answers a request. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A file as a server has it, and how badly it serves it. */
export interface ServedFile {
  readonly content: Buffer;
  readonly etag?: string;
  /** Cuts the connection after so many bytes of the body. */
  readonly cutAfter?: number;
  /** Sends so many bytes and then nothing, for ever. */
  readonly stallAfter?: number;
  /** Knows no ranges. */
  readonly ignoreRange?: boolean;
  /** Continues whatever `If-Range` says. */
  readonly ignoreIfRange?: boolean;
  /** Says no length. */
  readonly chunked?: boolean;
}

/** A server of files on this machine that cuts, lies and stalls as a test wants. */
export class FileServer implements AsyncDisposable {
  /** What was asked for, in order. */
  readonly requests: { path: string; headers: IncomingMessage['headers'] }[] = [];
  readonly #routes = new Map<string, Answer[]>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(): Promise<FileServer> {
    const files = new FileServer();
    await new Promise<void>((resolve) => files.#server.listen(0, '127.0.0.1', resolve));
    return files;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** Answers the first requests for a path in this order; the last answer is given to all that follow. */
  on(path: string, ...answers: (Answer | ServedFile)[]): this {
    this.#routes.set(
      path,
      answers.map((answer) => (typeof answer === 'function' ? answer : serve(answer))),
    );
    return this;
  }

  /** The ranges that were asked for of a path; undefined = the whole. */
  rangesOf(path: string): (string | undefined)[] {
    return this.requests.filter((request) => request.path === path).map(({ headers }) => headers.range);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '';
    this.requests.push({ path, headers: request.headers });
    const answers = this.#routes.get(path) ?? [];
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer === undefined) response.writeHead(404).end();
    else answer(request, response);
  }
}

/** An answer of nothing but a head. */
export function status(code: number, headers: Record<string, string> = {}): Answer {
  return (_request, response) => void response.writeHead(code, headers).end();
}

function serve(file: ServedFile): Answer {
  return (request, response) => {
    const from = rangeOf(request, file);
    const body = file.content.subarray(from);
    const headers: Record<string, string | number> = {};
    if (file.etag !== undefined) headers['etag'] = file.etag;
    if (file.chunked !== true) headers['content-length'] = body.length;
    if (from > 0) {
      const { length } = file.content;
      headers['content-range'] = `bytes ${from}-${length - 1}/${length}`;
    }
    response.writeHead(from > 0 ? 206 : 200, headers);
    if (file.cutAfter !== undefined && body.length > file.cutAfter) {
      response.write(body.subarray(0, file.cutAfter), () => cutSoon(request));
    } else if (file.stallAfter !== undefined && body.length > file.stallAfter) {
      response.write(body.subarray(0, file.stallAfter));
    } else response.end(body);
  };
}

function rangeOf(request: IncomingMessage, { etag, ignoreRange, ignoreIfRange }: ServedFile): number {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (ignoreRange === true) return 0;
  const isSame = ignoreIfRange === true || request.headers['if-range'] === etag;
  return isSame ? from : 0;
}

/** What was written has to arrive first: a connection that breaks takes with it what nobody has read. */
function cutSoon(request: IncomingMessage): void {
  setTimeout(() => request.socket.destroy(), 150);
}
