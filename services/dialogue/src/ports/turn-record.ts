import type { TurnDocument } from '../domain/turn/turn-document.ts';

/** Ended, stored turns as the durable record has them, for a state store that has lost them. */
export interface TurnRecord {
  /**
   * The turn's document, without the number of its log's last entry; undefined when the record has no end of it, was
   * told to keep no text, or the turn was deleted.
   * @throws ParleyError `unavailable` when the record cannot be asked.
   */
  find(turnId: string, tenant: string): Promise<TurnDocument | undefined>;
}
