import { connect } from 'node:http2';
import type { Http2Session } from 'node:http2';
import { PassThrough } from 'node:stream';

type Ping = Http2Session['ping'];
type PingAnswer = (error: Error | null, durationMs: number, payload: Buffer) => void;

let spared = false;

/**
 * Keeps grpc-js from cutting the streams of connections that are being closed in good order: by their age, because an
 * address has gone, or in a drain. Node.js sends no ping on such a session and answers `undefined`; grpc-js, client and
 * server, takes that for a dead peer and destroys the connection with all that still runs on it (grpc-js 1.14, Node.js
 * 24). From here on a ping of a closing session counts as answered. A peer that dies meanwhile is found by the calls'
 * deadlines.
 */
export function spareClosingSessions(): void {
  if (spared) return;
  spared = true;
  const prototype = sessionPrototype();
  if (prototype === undefined) return;
  const own = Reflect.get(prototype, 'ping') as Ping;
  function ping(this: Http2Session, ...parts: Parameters<Ping>): boolean {
    if (!this.closed || this.destroyed) return own.apply(this, parts);
    const [first, second] = parts as readonly unknown[];
    const answered = (typeof first === 'function' ? first : second) as PingAnswer;
    setImmediate(() => answered(null, 0, Buffer.alloc(8)));
    return true;
  }
  Reflect.set(prototype, 'ping', ping);
}

/** What client's and server's sessions share; no module exports it. */
function sessionPrototype(): object | undefined {
  const session = connect('http://127.0.0.1', { createConnection: () => new PassThrough() });
  session.on('error', () => undefined);
  session.destroy();
  let prototype: object | null = Object.getPrototypeOf(session) as object | null;
  while (prototype !== null && !Object.hasOwn(prototype, 'ping'))
    prototype = Object.getPrototypeOf(prototype) as object | null;
  return prototype ?? undefined;
}
