import { assertNever } from '@parley/kernel';
import type { ParleyError } from '@parley/kernel';
import { errorObject } from './problem.ts';
import { outputTextPart, responseItem } from './response-items.ts';
import { responseView } from './response-view.ts';
import { sseEvent } from './sse.ts';
import type { StreamView } from './stream-view.ts';
import type { Item, ItemPlace, LogEntry, TextPlace, TurnStatus } from './turn.ts';

/**
 * A turn's log as the Responses API's events, one for each entry, under the entry's own number. It never holds:
 * `response.created` says that the turn exists, and a failure after it is the event `response.failed`.
 */
export class ResponseStreamView implements StreamView {
  readonly holding = false;
  #last: number | undefined;

  /** @param after the number the client has seen already, when it re-attaches */
  constructor(after?: number) {
    this.#last = after;
  }

  render(entry: LogEntry): string {
    this.#last = entry.sequence;
    const event = responseEvent(entry);
    return sseEvent(event.type, entry.sequence, event);
  }

  /** It is no entry of the log, so it has no `id`; its number is that of the last entry sent, to re-attach after. */
  renderError(error: ParleyError): string {
    const object = errorObject(error);
    return sseEvent('error', undefined, {
      type: 'error',
      code: object.code,
      message: object.message,
      param: object.param,
      ...(this.#last === undefined ? {} : { sequence_number: this.#last }),
      error: object,
    });
  }
}

/** A log entry as the event of the Responses API that shows it. */
export function responseEvent(entry: LogEntry) {
  const number = { sequence_number: entry.sequence };
  switch (entry.kind) {
    case 'turn_created':
      return { type: 'response.created', ...number, response: responseView(entry.turn) };
    case 'turn_started':
      return { type: 'response.in_progress', ...number, response: responseView(entry.turn) };
    case 'turn_ended':
      return { type: endEventOf[entry.turn.status], ...number, response: responseView(entry.turn) };
    case 'item_added':
      return { type: 'response.output_item.added', ...number, ...itemOf(entry) };
    case 'item_done':
      return { type: 'response.output_item.done', ...number, ...itemOf(entry) };
    case 'part_added':
      return { type: 'response.content_part.added', ...number, ...placeOf(entry), part: outputTextPart('') };
    case 'part_done':
      return {
        type: 'response.content_part.done',
        ...number,
        ...placeOf(entry),
        part: outputTextPart(entry.text),
      };
    case 'text_delta':
      return {
        type: 'response.output_text.delta',
        ...number,
        ...placeOf(entry),
        delta: entry.text,
        logprobs: [],
      };
    case 'text_done':
      return {
        type: 'response.output_text.done',
        ...number,
        ...placeOf(entry),
        text: entry.text,
        logprobs: [],
      };
    case 'arguments_delta':
    case 'arguments_done':
      return { ...argumentsEvent(entry), ...number };
    default:
      return assertNever(entry);
  }
}

function argumentsEvent(entry: Extract<LogEntry, { kind: 'arguments_delta' | 'arguments_done' }>) {
  const place = itemPlaceOf(entry);
  if (entry.kind === 'arguments_delta')
    return { type: 'response.function_call_arguments.delta', ...place, delta: entry.text };
  const { name, text } = entry;
  return { type: 'response.function_call_arguments.done', ...place, name, arguments: text };
}

function itemOf(entry: { outputIndex: number; item: Item }) {
  return { output_index: entry.outputIndex, item: responseItem(entry.item) };
}

/**
 * The official clients know three terminal events. A cancelled turn is `response.incomplete`, whose response says
 * `status: "cancelled"`: the one of the three that promises neither a whole answer nor an error.
 */
const endEventOf: Readonly<Record<TurnStatus, string>> = {
  completed: 'response.completed',
  failed: 'response.failed',
  incomplete: 'response.incomplete',
  cancelled: 'response.incomplete',
  in_progress: 'response.incomplete',
};

function placeOf(of: TextPlace) {
  return { ...itemPlaceOf(of), content_index: of.contentIndex };
}

function itemPlaceOf(of: ItemPlace) {
  return { item_id: of.itemId, output_index: of.outputIndex };
}
