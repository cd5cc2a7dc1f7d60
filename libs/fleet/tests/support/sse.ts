/** One event of a Responses stream, as it came over the wire. */
export interface StreamEvent {
  readonly type: string;
  readonly sequence_number: number;
  readonly delta?: string;
  readonly response?: { id: string; status: string };
}

/**
 * Reads a Responses stream event by event. `id:` of every SSE message must equal the event's sequence number;
 * a broken connection ends the iteration with the error of the socket.
 */
export async function* responseEvents(response: Response): AsyncGenerator<StreamEvent> {
  for await (const message of sseMessages(response)) {
    const event = JSON.parse(message.data) as StreamEvent;
    if (event.type === 'error') continue;
    if (message.id !== String(event.sequence_number)) {
      throw new Error(`SSE id ${message.id} beside sequence_number ${event.sequence_number}`);
    }
    yield event;
  }
}

async function* sseMessages(response: Response): AsyncGenerator<{ id: string; data: string }> {
  if (response.body === null) throw new Error('no body');
  let buffer = '';
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    buffer += piece;
    for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
      const lines = buffer.slice(0, end).split('\n');
      buffer = buffer.slice(end + 2);
      const field = (name: string): string | undefined =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const data = field('data');
      if (data !== undefined && data !== '[DONE]') yield { id: field('id') ?? '', data };
    }
  }
}

/** Collects events until the stream ends or breaks, showing each to `onEvent`. */
export async function collect(
  response: Response,
  onEvent: (event: StreamEvent) => void = () => {},
): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  try {
    for await (const event of responseEvents(response)) {
      events.push(event);
      onEvent(event);
    }
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('SSE id')) throw error;
  }
  return events;
}

export function isTerminal(event: StreamEvent | undefined): boolean {
  return /^response\.(completed|incomplete|failed)$/.test(event?.type ?? '');
}

export function joinedText(events: readonly StreamEvent[]): string {
  return events
    .map((event) => (event.type === 'response.output_text.delta' ? (event.delta ?? '') : ''))
    .join('');
}
