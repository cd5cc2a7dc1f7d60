import type { OutboxEvent, TurnEnd } from '@parley/state/ports';
import type { EndedTurn } from './ending.ts';
import { encodeEntry } from '../log/log-entry.ts';
import { encodeDocument } from '../turn/turn-document.ts';

/** What the store writes in the one step that ends a turn; an unstored turn's log is never written. */
export function turnEnd(ended: EndedTurn, event: OutboxEvent): TurnEnd {
  const { turn } = ended.document;
  return {
    document: encodeDocument(ended.document),
    endedAtMs: turn.endedAtMs ?? event.occurredAtMs,
    entries: turn.store ? ended.entries.map(encodeEntry) : [],
    events: [event],
  };
}
