import type { OutboxEvent } from '@parley/state/ports';
import type { TurnDocument } from '../domain/turn/turn-document.ts';

/** Writes a turn's facts in the form that others read. */
export interface TurnEventEncoder {
  /** The turn is committed. */
  accepted(document: TurnDocument): OutboxEvent;
  /** The turn's one terminal event; its id follows from the turn's, so that it cannot be recorded twice. */
  ended(document: TurnDocument): OutboxEvent;
  /** The API gives the turn back no more. */
  deleted(document: TurnDocument, atMs: number): OutboxEvent;
}
