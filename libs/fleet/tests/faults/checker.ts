/** One event of a turn's stream, as a client got it; in the order of arrival over all its connections. */
export interface SeenEvent {
  readonly sequence: number;
  /** The piece of text that it carries; '' when it carries none. */
  readonly delta: string;
  /** How the turn ended, in its last event; undefined in all others. */
  readonly status: string | undefined;
}

/** What one client knows of a turn whose id it received. */
export interface SeenTurn {
  readonly id: string;
  readonly events: readonly SeenEvent[];
  /** What the API told of the turn in the end; undefined when it did not know it. */
  readonly final: { readonly status: string; readonly text: string } | undefined;
}

/** One event of the record. */
export interface RecordedEvent {
  readonly id: string;
  readonly type: string;
  readonly key: string;
  readonly sequence: number;
  /** '' of an event that belongs to no turn. */
  readonly turnId: string;
  /** The text of the answer; '' where the event has none. */
  readonly text: string;
}

/**
 * `lost`: an end, an event or a turn is missing. `doubled`: something is there twice. `changed`: record, API and stream
 * tell different things of one turn. `renumbered`: a gap or a repeat in the numbers of a stream or of a key.
 */
export type ViolationKind = 'lost' | 'doubled' | 'changed' | 'renumbered';

/** One broken promise. */
export interface Violation {
  readonly kind: ViolationKind;
  /** The turn, key or event that it is about. */
  readonly subject: string;
  readonly detail: string;
}

const terminalType = /^parley\.turn\.(completed|failed|cancelled|incomplete)\.v1$/;

/** How a terminal event says that its turn ended; undefined of every other event. */
export function statusOf({ type }: Pick<RecordedEvent, 'type'>): string | undefined {
  return terminalType.exec(type)?.[1];
}

/** Compares what clients saw with what the record holds: invariants 1, 2 (first clause) and 3 of the architecture. */
export function violationsOf(seen: readonly SeenTurn[], record: readonly RecordedEvent[]): Violation[] {
  const byTurn = Map.groupBy(record, ({ turnId }) => turnId);
  byTurn.delete('');
  const known = new Set(seen.map(({ id }) => id));
  const unseen = [...byTurn.keys()].filter((id) => !known.has(id));
  return [
    ...seen.flatMap((turn) => [...streamFaults(turn), ...turnFaults(turn, byTurn.get(turn.id) ?? [])]),
    // Accepted, but its id never reached a client: it must have its end all the same.
    ...unseen.flatMap((id) => endFaults(id, byTurn.get(id) ?? [])),
    ...recordFaults(record),
  ];
}

/** The numbers of a stream go from 0 without a gap or a repeat, to its end. */
function streamFaults({ id, events }: SeenTurn): Violation[] {
  const wrong = events.findIndex(({ sequence }, index) => sequence !== index);
  const faults: Violation[] = [];
  if (wrong >= 0) {
    const detail = `its stream has ${events[wrong]?.sequence} where ${wrong} is due`;
    faults.push({ kind: 'renumbered', subject: id, detail });
  }
  if (events.at(-1)?.status === undefined)
    faults.push({ kind: 'lost', subject: id, detail: `its stream broke off after ${events.length} events` });
  return faults;
}

/** One terminal event, and the same story from record, API and stream. */
function turnFaults({ id, events, final }: SeenTurn, recorded: readonly RecordedEvent[]): Violation[] {
  const faults = endFaults(id, recorded);
  const changed = (detail: string): number => faults.push({ kind: 'changed', subject: id, detail });
  if (final === undefined) faults.push({ kind: 'lost', subject: id, detail: 'the API does not know it' });
  const terminal = recorded.find((event) => statusOf(event) !== undefined);
  if (terminal === undefined) return faults;
  const status = statusOf(terminal);
  if (final !== undefined && final.status !== status)
    changed(`the API says ${final.status}, the record ${status}`);
  if (final !== undefined && final.text !== terminal.text)
    changed('the API has another text than the record');
  const shown = events.map(({ delta }) => delta).join('');
  const told = events.at(-1)?.status;
  if (told !== undefined && told !== status) changed(`its stream ended ${told}, the record says ${status}`);
  const same = told === undefined ? terminal.text.startsWith(shown) : terminal.text === shown;
  if (!same) changed(`its stream showed ${shown.length} characters that the record does not have so`);
  return faults;
}

/** An accepted turn has its acceptance and exactly one end in the record. */
function endFaults(id: string, recorded: readonly RecordedEvent[]): Violation[] {
  const faults: Violation[] = [];
  const ends = recorded.filter((event) => statusOf(event) !== undefined).map(({ type }) => type);
  if (ends.length === 0) faults.push({ kind: 'lost', subject: id, detail: 'no terminal event' });
  if (ends.length > 1)
    faults.push({ kind: 'doubled', subject: id, detail: `terminal events: ${ends.join(', ')}` });
  if (!recorded.some(({ type }) => type === 'parley.turn.accepted.v1'))
    faults.push({ kind: 'lost', subject: id, detail: 'no accepted event' });
  return faults;
}

/** Ids are there once; the numbers of a key have no gap and no repeat, and those of a turn begin at 0. */
function recordFaults(record: readonly RecordedEvent[]): Violation[] {
  const faults: Violation[] = [];
  for (const [id, events] of Map.groupBy(record, (event) => event.id)) {
    if (events.length > 1)
      faults.push({ kind: 'doubled', subject: id, detail: `this event is recorded ${events.length} times` });
  }
  for (const [key, events] of Map.groupBy(record, (event) => event.key)) {
    const numbers = events.map(({ sequence }) => sequence).toSorted((one, other) => one - other);
    // What is no turn's, such as a model's events, may have begun before this part of the record.
    const from = events.some(({ turnId }) => turnId !== '') ? 0 : (numbers[0] ?? 0);
    if (numbers.every((sequence, index) => sequence === from + index)) continue;
    faults.push({ kind: 'renumbered', subject: key, detail: `events of this key: ${numbers.join(', ')}` });
  }
  return faults;
}
