import type { ParleyError } from '@parley/kernel';
import type { LogEntry } from './turn.ts';

/** One protocol's view of a turn's log, as text. A view has state: it sees every entry once, in order. */
export interface StreamView {
  /**
   * The event that an entry becomes; '' for entries the protocol does not show.
   * @throws ParleyError when the turn failed and the protocol has no event of its own for that
   */
  render(entry: LogEntry): string;
  /** Whether what was rendered so far must wait, because the answer may still turn into an HTTP error. */
  readonly holding: boolean;
  /** The last event of a stream that breaks off. */
  renderError(error: ParleyError): string;
}
