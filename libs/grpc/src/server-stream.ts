import { status } from '@grpc/grpc-js';
import type { CallOptions, ClientReadableStream, Metadata, ServiceError } from '@grpc/grpc-js';
import type { ParleyError } from '@parley/kernel';
import { outgoing } from './outgoing.ts';
import type { OutgoingOptions } from './outgoing.ts';
import { callError } from './unary.ts';

/**
 * How much later than its deadline a stream is cut: the server ends the work in its own words first, for example
 * `incomplete` with what there is. The cut is for a server that hangs.
 */
const graceMs = 2000;

/** A server-streaming method of a generated client, bound to it: `client.startTurn.bind(client)`. */
export type ServerStreamMethod<Req, Res> = (
  request: Req,
  metadata: Metadata,
  options: Partial<CallOptions>,
) => ClientReadableStream<Res>;

/** The messages of a running call; reading slowly slows the server down. */
export interface MessageStream<Res> extends AsyncIterableIterator<Res> {
  /** Ends the call at once; reading then ends without an error. Leaving a `for await` loop does the same. */
  cancel(): void;
}

/**
 * Starts a server-streaming call; the server begins before the first message is read. Without a deadline it may go on
 * for ever. A signal that aborts cancels the call, and reading throws its reason.
 * @throws ParleyError (while reading) as the server meant it; `unavailable` when the connection broke.
 */
export function serverStream<Req, Res>(
  method: ServerStreamMethod<Req, Res>,
  request: Req,
  options: OutgoingOptions,
): MessageStream<Res> {
  const { metadata, callOptions } = outgoing(options, graceMs);
  return new CallReader(method(request, metadata, callOptions), options.signal);
}

/**
 * Reads a call message by message. It is no async generator on purpose: `return()` of one waits for the `next()` in
 * work, so that leaving could not cancel a call that is silent.
 */
class CallReader<Res> implements MessageStream<Res> {
  readonly #call: ClientReadableStream<Res>;
  readonly #signal: AbortSignal | undefined;
  #failure: ParleyError | undefined;
  #ended = false;
  #cancelled = false;
  #wake: () => void = () => undefined;

  constructor(call: ClientReadableStream<Res>, signal: AbortSignal | undefined) {
    this.#call = call;
    this.#signal = signal;
    call.on('readable', () => this.#wake());
    call.on('error', (error) => this.#fail(error as ServiceError));
    call.on('end', () => this.#end());
    call.on('status', (end) => {
      if (end.code === status.OK) this.#wake();
    });
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  async next(): Promise<IteratorResult<Res>> {
    for (;;) {
      if (this.#cancelled) return { done: true, value: undefined };
      const message = this.#call.read() as Res | null;
      if (message !== null) return { done: false, value: message };
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#ended) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  return(): Promise<IteratorResult<Res>> {
    this.cancel();
    return Promise.resolve({ done: true, value: undefined });
  }

  cancel(): void {
    this.#cancelled = true;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#call.cancel();
    this.#wake();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #onAbort = (): void => this.#call.cancel();

  #fail(error: ServiceError): void {
    this.#failure = callError(error, this.#signal);
    this.#end();
  }

  #end(): void {
    this.#ended = true;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#wake();
  }
}
