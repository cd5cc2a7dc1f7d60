import { toParleyError } from '@parley/kernel';
import type { ParleyError } from '@parley/kernel';
import type { LogBatches } from '../ports/dialogue.ts';
import { isOfAnswer } from './turn.ts';
import type { StreamView } from './stream-view.ts';

/** Where a stream goes: one client. */
export interface EventSink {
  /** Whether the answer has begun; an error can no longer become an HTTP status then. */
  readonly opened: boolean;
  /** Sends events in order, beginning the answer if need be; resolves when the client may be given more. */
  write(events: readonly string[]): Promise<void>;
  end(): void;
}

/**
 * Shows a log to a client through a view, one batch at a time: the next is not read before the client has taken
 * the last.
 * @param onFirstText is called when the first piece of the answer, text or call, has left
 * @returns the error that ended an answer which had begun; undefined when it ended well
 * @throws ParleyError when it failed before the answer began
 */
export async function relayTurn(
  batches: LogBatches,
  view: StreamView,
  sink: EventSink,
  onFirstText: () => void,
): Promise<ParleyError | undefined> {
  let held: string[] = [];
  let texts = 0;
  try {
    for await (const batch of batches) {
      const before = texts;
      for (const entry of batch) {
        const event = view.render(entry);
        if (event !== '') held.push(event);
        if (isOfAnswer(entry)) texts += 1;
      }
      if (view.holding || held.length === 0) continue;
      const written = sink.write(held);
      held = [];
      if (before === 0 && texts > 0) onFirstText();
      await written;
    }
    sink.end();
    return undefined;
  } catch (thrown) {
    const error = toParleyError(thrown);
    if (!sink.opened) throw error;
    await sink.write([...held, view.renderError(error)]);
    sink.end();
    return error;
  }
}
