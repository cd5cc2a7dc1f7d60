/** One server-sent event. `id` is the number of the log entry it comes from; undefined: it is no entry. */
export function sseEvent(name: string | undefined, id: number | undefined, data: unknown): string {
  const event = name === undefined ? '' : `event: ${name}\n`;
  const number = id === undefined ? '' : `id: ${id}\n`;
  return `${event}${number}data: ${JSON.stringify(data)}\n\n`;
}

/** A comment: keeps proxies and clients from thinking that the stream is dead. */
export const ssePing = ': ping\n\n';

/** The end of a Chat Completions stream. */
export const sseDone = 'data: [DONE]\n\n';
