import type { IncomingMessage } from 'node:http';
import { bearerKey } from '../api-keys.ts';

const path = '/v1/responses';

/** Browsers can set no header, so the official clients put the key into a subprotocol of this name. */
const keyProtocol = 'openai-insecure-api-key.';

/**
 * Whether a request asks for a WebSocket where there is one. Everything else stays an ordinary request, one that
 * offers an upgrade to HTTP/2 as Java's client does too.
 */
export function wantsWebSocket(request: IncomingMessage): boolean {
  return (
    request.method === 'GET' &&
    request.headers.upgrade?.toLowerCase() === 'websocket' &&
    request.url?.split('?', 1)[0] === path
  );
}

/** The key that an upgrade presents: in its header, else in a subprotocol. */
export function keyOfUpgrade(request: IncomingMessage): string | undefined {
  const offered = request.headers['sec-websocket-protocol'] ?? '';
  const protocol = offered
    .split(',')
    .map((each) => each.trim())
    .find((each) => each.startsWith(keyProtocol));
  return bearerKey(request.headers.authorization) ?? protocol?.slice(keyProtocol.length);
}

/**
 * The subprotocol that is accepted of those offered: a client that offers some fails unless it gets one back. The key
 * is only sent back where nothing else was offered.
 */
export function acceptedProtocol(offered: ReadonlySet<string>): string | false {
  const protocols = [...offered];
  return protocols.find((each) => !each.startsWith('openai-')) ?? protocols[0] ?? false;
}
