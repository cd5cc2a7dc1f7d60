import { newUuid } from '@parley/kernel';

const saneRequestId = /^[\w.:-]{1,128}$/;
const traceparent = /^[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Made once per process; counting on from it costs a fraction of a new random id, and every request needs one. */
const firstRequestId = newUuid().replaceAll('-', '').slice(0, 20);
let requestIds = 0;

function newRequestId(): string {
  requestIds += 1;
  return `req_${firstRequestId}${requestIds.toString(16).padStart(12, '0')}`;
}

/** The request's id: the client's if it is one that may stand in headers and logs, else a new one. */
export function requestIdOf(header: unknown): string {
  return typeof header === 'string' && saneRequestId.test(header) ? header : newRequestId();
}

/** The W3C trace the client is in; undefined when it sent none that is valid. */
export function traceparentOf(header: unknown): string | undefined {
  return typeof header === 'string' && traceparent.test(header) && !header.startsWith('ff')
    ? header
    : undefined;
}
