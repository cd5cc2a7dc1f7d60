import type { IncomingEvent } from './recorded-event.ts';

/** What the record holds already about the events of a batch. */
export interface KnownRecord {
  /** Event id -> its type. */
  readonly events: ReadonlyMap<string, string>;
  /** Turns that have their terminal event. */
  readonly endedTurns: ReadonlySet<string>;
}

export interface BatchPlan<E extends IncomingEvent> {
  readonly store: readonly E[];
  /** Recorded already: nothing to do. */
  readonly duplicates: readonly E[];
  /** Terminal events of turns that have another one. */
  readonly refused: readonly E[];
}

/**
 * Sorts a batch, in order, into what is new, what came before, and what contradicts the record. An event is the
 * same when its id is; a terminal event whose id is known under another type is not the same but a second end.
 */
export function planBatch<E extends IncomingEvent>(batch: readonly E[], known: KnownRecord): BatchPlan<E> {
  const types = new Map(known.events);
  const ended = new Set(known.endedTurns);
  const plan = { store: [] as E[], duplicates: [] as E[], refused: [] as E[] };
  for (const event of batch) {
    const knownType = types.get(event.id);
    if (knownType === event.type || (knownType !== undefined && !event.endsTurn)) {
      plan.duplicates.push(event);
    } else if (knownType !== undefined || (event.endsTurn && ended.has(event.turnId))) {
      plan.refused.push(event);
    } else {
      types.set(event.id, event.type);
      if (event.endsTurn) ended.add(event.turnId);
      plan.store.push(event);
    }
  }
  return plan;
}
