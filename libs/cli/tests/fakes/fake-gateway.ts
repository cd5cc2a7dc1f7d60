import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came. */
export interface Request {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly key: string | undefined;
}

/** Answers a request; what it returns is sent as JSON, unless it has answered itself. */
type Answer = (
  request: Request,
  response: ServerResponse,
) => object | undefined | Promise<object | undefined>;

/** A gateway that answers as a test tells it, and remembers what it was asked. */
export class FakeGateway implements AsyncDisposable {
  readonly url: string;
  readonly requests: Request[] = [];
  readonly #server;
  readonly #answers = new Map<string, Answer>();

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<FakeGateway> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FakeGateway(server);
  }

  /** What reaches it from a command line. */
  get env(): NodeJS.ProcessEnv {
    return { PARLEY_URL: this.url, PARLEY_API_KEY: 'sk-test' };
  }

  /** @param route `GET /admin/v1/models`, without a query */
  on(route: string, answer: Answer): void {
    this.#answers.set(route, answer);
  }

  /** A request that starts a job, which goes through these states, one at each look, and stays at the last. */
  jobGoes(route: string, ...states: object[]): void {
    this.on(route, (_, response) => {
      response.statusCode = 202;
      return aJob({ state: 'queued' });
    });
    let next = 0;
    this.on('GET /admin/v1/jobs/job_1', () => aJob(states[Math.min(next++, states.length - 1)]));
  }

  /** The bodies of the requests of a route. */
  bodies(route: string): Record<string, unknown>[] {
    return this.requests.filter((request) => routeOf(request) === route).map(({ body }) => body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of incoming) text += String(chunk);
    const request: Request = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
      key: incoming.headers.authorization,
    };
    this.requests.push(request);
    const answer = this.#answers.get(routeOf(request));
    const content =
      answer === undefined
        ? problem(response, 404, 'not_found', 'There is nothing at this path.')
        : await answer(request, response);
    if (content === undefined || response.destroyed) return;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(content));
  }
}

function routeOf({ method, path }: Request): string {
  return `${method} ${path.split('?')[0]}`;
}

/** Where nothing answers. */
export async function deadUrl(): Promise<string> {
  await using gateway = await FakeGateway.start();
  return gateway.url;
}

/** An error as the gateway tells it. */
export function problem(response: ServerResponse, status: number, code: string, message: string): object {
  response.statusCode = status;
  return {
    type: `urn:parley:error:${code}`,
    status,
    detail: message,
    error: { message, type: 'x', param: null, code },
  };
}

/** A job as the gateway tells it. */
export function aJob(changes: object = {}): object {
  return {
    id: 'job_1',
    object: 'job',
    kind: 'model.pull',
    subject: 'smollm2-135m',
    state: 'running',
    stage: '',
    progress: 0,
    done_bytes: 0,
    total_bytes: 0,
    notes: [],
    error: null,
    created_at: 1_795_000_000,
    ended_at: null,
    ...changes,
  };
}
