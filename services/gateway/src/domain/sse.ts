import type { StartWait } from '../ports/call.ts';

/** One server-sent event. `id` is the number of the log entry it comes from; undefined: it is no entry. */
export function sseEvent(name: string | undefined, id: number | undefined, data: unknown): string {
  const event = name === undefined ? '' : `event: ${name}\n`;
  const number = id === undefined ? '' : `id: ${id}\n`;
  return `${event}${number}data: ${JSON.stringify(data)}\n\n`;
}

/** A comment: keeps proxies and clients from thinking that the stream is dead. */
export const ssePing = ': ping\n\n';

/** A comment that tells why a stream is silent: `: waiting: small: loading weights 40 %; about 3 s`. */
export function sseWait({ stage, estimateMs }: StartWait): string {
  const about = estimateMs > 0 ? `; about ${Math.ceil(estimateMs / 1000)} s` : '';
  return `: waiting: ${`${stage}${about}`.replaceAll(/[\r\n]+/g, ' ')}\n\n`;
}

/** The end of a Chat Completions stream. */
export const sseDone = 'data: [DONE]\n\n';
