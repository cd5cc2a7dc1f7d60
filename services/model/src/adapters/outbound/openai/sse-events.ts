import { ParleyError } from '@parley/kernel';

/** One event of a stream; `field` is `data`, or `error` as some servers write one. */
export interface SseEvent {
  readonly field: 'data' | 'error';
  readonly text: string;
}

/** A token with its log-probabilities is some kilobytes; more than this is no event of an answer. */
const maxEventChars = 4 * 1024 * 1024;

/**
 * The events of a stream of server-sent events, whichever way its bytes are cut: characters over several chunks, CR, LF
 * and CRLF, comments, no space after the colon, a last event without an empty line.
 * @throws ParleyError `engine_failed` for an event without end.
 */
export async function* sseEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<SseEvent, void> {
  const decoder = new TextDecoder();
  const parser = new EventParser();
  for await (const chunk of chunks) yield* parser.push(decoder.decode(chunk, { stream: true }));
  yield* parser.push(`${decoder.decode()}\n\n`);
}

class EventParser {
  #rest = '';
  #endsInReturn = false;
  #field: SseEvent['field'] = 'data';
  #lines: string[] = [];
  #chars = 0;

  *push(text: string): Generator<SseEvent, void> {
    // Without this a long line that comes byte by byte would be searched over and over.
    if (!this.#endsInReturn && !/[\r\n]/.test(text)) this.#rest += text;
    else yield* this.#split(text);
    if (this.#rest.length + this.#chars > maxEventChars) throw endless();
  }

  *#split(text: string): Generator<SseEvent, void> {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    // A carriage return at the very end may be the first half of a line's end.
    this.#rest = lines.pop() ?? '';
    this.#endsInReturn = this.#rest.endsWith('\r');
    for (const line of lines) yield* this.#line(line);
  }

  *#line(line: string): Generator<SseEvent, void> {
    if (line !== '') return this.#take(line);
    if (this.#lines.length > 0) yield { field: this.#field, text: this.#lines.join('\n') };
    this.#lines = [];
    this.#chars = 0;
    this.#field = 'data';
  }

  #take(line: string): void {
    const [, field, text = ''] = /^(data|error|event)(?::[ ]?(.*))?$/su.exec(line) ?? [];
    if (field === undefined) return;
    if (field === 'error' || (field === 'event' && text === 'error')) this.#field = 'error';
    if (field === 'event') return;
    this.#lines.push(text);
    this.#chars += text.length;
  }
}

function endless(): ParleyError {
  return new ParleyError('engine_failed', 'The remote engine sent an event without end.', {
    retryable: false,
  });
}
