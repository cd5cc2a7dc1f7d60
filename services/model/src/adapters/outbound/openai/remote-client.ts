import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { ParleyError } from '@parley/kernel';
import { trustMachineCertificates } from '../sources/machine-certificates.ts';
import { connectionFault, errorIn, retryAfterMs, statusFault } from './remote-faults.ts';
import type { RemoteName } from './remote-faults.ts';
import { remoteKey } from './remote-key.ts';
import type { ReadVariable } from './remote-key.ts';
import { baseOf } from './remote-settings-schema.ts';
import type { RemoteSettings } from './remote-settings-schema.ts';

/** Shorter than the 5 s after which servers on uvicorn close a connection that nobody uses. */
const keepAliveMs = 4_000;
/** Beside answers: counting, embeddings and questions about health. */
const spareSockets = 8;
const maxErrorBytes = 64 * 1024;

/** One question to a server. */
export interface RemoteCall {
  readonly method: 'GET' | 'POST';
  /** Begins with a slash. */
  readonly path: string;
  /** `base`: below the base URL; `root`: where the base URL is without its `/v1`. */
  readonly under?: 'base' | 'root';
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Closes the connection at once. */
  readonly signal: AbortSignal;
}

/** HTTP to one server, over connections that stay open between questions. */
export class RemoteClient implements RemoteName, Disposable {
  readonly title: string;
  readonly #base: string;
  readonly #settings: RemoteSettings;
  readonly #variable: ReadVariable;
  readonly #agent: HttpAgent;
  #shown = '';

  /** @param slots answers at once, each over a connection of its own */
  constructor(settings: RemoteSettings, slots: number, variable: ReadVariable) {
    this.#settings = settings;
    this.#variable = variable;
    this.#base = baseOf(settings);
    const { host, protocol } = new URL(this.#base);
    this.title = `Model "${settings.model}" at ${host}`;
    const isSecure = protocol === 'https:';
    if (isSecure) trustMachineCertificates();
    const proxied = variable('NODE_USE_ENV_PROXY') === '1';
    const options = {
      keepAlive: true,
      maxSockets: slots + spareSockets,
      timeout: keepAliveMs,
      ...(proxied ? { proxyEnv: proxyVariables(variable) } : {}),
    };
    this.#agent = isSecure ? new HttpsAgent(options) : new HttpAgent(options);
  }

  clean(text: string): string {
    return this.#shown === '' ? text : text.replaceAll(this.#shown, '[secret]');
  }

  /**
   * Sends a question. The answer's body is for the caller to read to its end or to destroy.
   * @throws ParleyError `unavailable` when no answer comes; the signal's reason.
   */
  async send(call: RemoteCall): Promise<IncomingMessage> {
    const headers = await this.#headers();
    if (call.signal.aborted) throw this.#reasonOf(call.signal);
    const body = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body));
    const base = call.under === 'root' ? this.#base.replace(/\/v1$/, '') : this.#base;
    const url = new URL(base + call.path);
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const lengths = body && { 'content-type': 'application/json', 'content-length': String(body.length) };
    const request = send(url, {
      method: call.method,
      agent: this.#agent,
      headers: { ...headers, ...lengths },
    });
    request.once('socket', (socket: Socket) =>
      limitConnect(socket, request, this.#settings.timeouts.connectMs),
    );
    request.end(body);
    return this.#response(request, call.signal);
  }

  /**
   * Asks and reads the answer as JSON.
   * @param maxBytes what a server may answer at most
   * @throws ParleyError for whatever is no good answer.
   */
  async ask(call: RemoteCall, maxBytes: number): Promise<unknown> {
    const response = await this.send(call);
    await this.requireGood(response);
    return this.json(response, maxBytes);
  }

  /** @throws ParleyError that says what the server has against the request. */
  async requireGood(response: IncomingMessage): Promise<void> {
    const { statusCode = 0, headers } = response;
    if (statusCode === 200) return;
    const body = await this.json(response, maxErrorBytes).catch(() => undefined);
    throw statusFault(this, statusCode, errorIn(body), retryAfterMs(headers['retry-after']));
  }

  /** @throws ParleyError `engine_failed` for what is no JSON or too much of it. */
  async json(response: IncomingMessage, maxBytes: number): Promise<unknown> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > maxBytes) break;
        chunks.push(chunk);
      }
    } catch (error) {
      throw connectionFault(this, error);
    }
    if (bytes > maxBytes) throw new ParleyError('engine_failed', `${this.title} answers without end.`);
    try {
      return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
    } catch (cause) {
      throw new ParleyError('engine_failed', `${this.title} answered what is no JSON.`, { cause });
    }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  async #headers(): Promise<Record<string, string>> {
    const key = await remoteKey(this.#settings, this.#variable);
    const common = { accept: 'text/event-stream, application/json', 'accept-encoding': 'identity' };
    if (key === undefined) return common;
    this.#shown = key.reveal();
    const header = this.#settings.authorization === 'bearer' ? `Bearer ${this.#shown}` : this.#shown;
    const name = this.#settings.authorization === 'bearer' ? 'authorization' : 'api-key';
    return { ...common, [name]: header };
  }

  #reasonOf({ reason }: AbortSignal): Error {
    if (!(reason instanceof DOMException) || reason.name !== 'TimeoutError') return reason as Error;
    return new ParleyError('unavailable', `${this.title} did not answer in time.`, { cause: reason });
  }

  #response(request: ClientRequest, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      // Without an error: its socket may be between two owners, where nobody would take one.
      const abort = (): void => void request.destroy();
      signal.addEventListener('abort', abort, { once: true });
      if (signal.aborted) abort();
      request.once('close', () => signal.removeEventListener('abort', abort));
      request.once('response', resolve);
      // After the response it is the reader who hears of it.
      request.on('error', (error) => {
        reject(signal.aborted ? this.#reasonOf(signal) : connectionFault(this, error));
      });
    });
  }
}

function limitConnect(socket: Socket, request: ClientRequest, connectMs: number): void {
  if (!socket.connecting) return;
  const late = Object.assign(new Error(`no connection within ${connectMs} ms`), { code: undefined });
  const timer = setTimeout(() => request.destroy(late), connectMs);
  const done = (): void => clearTimeout(timer);
  socket.once('encrypted' in socket ? 'secureConnect' : 'connect', done);
  socket.once('close', done);
}

function proxyVariables(variable: ReadVariable): NodeJS.ProcessEnv {
  const names = ['http_proxy', 'https_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()]);
  return Object.fromEntries(names.map((name) => [name, variable(name)]));
}
