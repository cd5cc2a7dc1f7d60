import type { ClientReadableStream, ServerWritableStream, ServiceError } from '@grpc/grpc-js';
import { Observable } from 'rxjs';
import { fromServiceError } from './service-error.ts';

/**
 * Writes a source's messages to a call of Nest's gRPC server, never faster than the caller reads; Nest's own
 * Observables buffer without limit. The Observable emits nothing: it completes or fails with the source, and Nest ends
 * the call with it. When the caller leaves, the source's `return()` is called; a source that waits on its own must
 * also watch `signalOf(call)`. Errors pass as they are: the service's error filter maps them, and logs what nobody
 * expected.
 * @param map what to write for a message; undefined = nothing
 */
export function relay<Res, Out>(
  source: AsyncIterable<Res>,
  call: ServerWritableStream<unknown, Out>,
  map: (message: Res) => Out | undefined,
): Observable<never> {
  const messages = source[Symbol.asyncIterator]();
  const left = new AbortController();
  const leave = (): void => {
    if (left.signal.aborted) return;
    left.abort();
    messages.return?.()?.catch(() => undefined);
  };
  // Nest does not subscribe when the caller has left before the handler is done, so the call is watched from here on.
  if (call.cancelled) leave();
  call.once('cancelled', leave);
  return new Observable<never>((subscriber) => {
    const run = async (): Promise<void> => {
      try {
        await pump(messages, call, map, left.signal);
        subscriber.complete();
      } catch (error) {
        subscriber.error(error);
      } finally {
        call.off('cancelled', leave);
      }
    };
    void run();
    return leave;
  });
}

async function pump<Res, Out>(
  messages: AsyncIterator<Res>,
  call: ServerWritableStream<unknown, Out>,
  map: (message: Res) => Out | undefined,
  left: AbortSignal,
): Promise<void> {
  while (!left.aborted) {
    const step = await messages.next();
    if (step.done === true || left.aborted) return;
    const out = map(step.value);
    if (out !== undefined && !call.write(out)) await writable(call, left);
  }
}

/** Resolves when the call takes more, or when its caller has left. */
function writable(call: ServerWritableStream<unknown, unknown>, left: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      call.off('drain', done);
      left.removeEventListener('abort', done);
      resolve();
    };
    call.once('drain', done);
    left.addEventListener('abort', done, { once: true });
    if (left.aborted) done();
  });
}

/**
 * Passes the messages of another call on unchanged, with the same guarantees. Open it with
 * `{ parent: call, propagate_flags: propagate.DEFAULTS }` (`outgoing({ …, parent: call })`), so that the caller's
 * deadline and cancellation reach it.
 */
export function relayCall<Out>(
  open: () => ClientReadableStream<Out>,
  call: ServerWritableStream<unknown, Out>,
): Observable<never> {
  return new Observable<never>((subscriber) => {
    const upstream = open();
    const resume = (): void => void upstream.resume();
    call.on('drain', resume);
    upstream.on('data', (message: Out) => {
      if (!call.write(message)) upstream.pause();
    });
    upstream.on('end', () => subscriber.complete());
    upstream.on('error', (error: ServiceError) => subscriber.error(fromServiceError(error)));
    return () => {
      call.off('drain', resume);
      upstream.cancel();
    };
  });
}
