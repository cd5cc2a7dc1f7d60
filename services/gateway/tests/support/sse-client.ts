import { parseSse } from './samples.ts';
import type { SseEvent } from './samples.ts';

/** Reads a response's events one by one, as they arrive. */
export async function* readEvents(response: Response): AsyncGenerator<SseEvent> {
  let rest = '';
  for await (const piece of response.body ?? []) {
    rest += Buffer.from(piece).toString('utf8');
    const end = rest.lastIndexOf('\n\n');
    if (end === -1) continue;
    yield* parseSse(rest.slice(0, end + 2));
    rest = rest.slice(end + 2);
  }
}

/** All events of a response. */
export async function allEvents(response: Response): Promise<SseEvent[]> {
  return parseSse(await response.text());
}

/** The text of a response stream's deltas, joined. */
export function deltaText(events: readonly SseEvent[]): string {
  return events
    .filter(({ name }) => name === 'response.output_text.delta')
    .map(({ data }) => (JSON.parse(data) as { delta: string }).delta)
    .join('');
}
