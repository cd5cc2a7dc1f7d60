import type { LoggedEntry } from '@parley/state/ports';
import { inProgress, readText } from '../turn/turn.ts';
import type { Item, Turn } from '../turn/turn.ts';

/** The place of an item in the answer. */
interface ItemPlace {
  readonly outputIndex: number;
  readonly itemId: string;
}

/** The place of a part in the answer. */
export interface PartPlace extends ItemPlace {
  readonly contentIndex: number;
}

/** What can be said in a turn's log: protocol-neutral, so that every public protocol is a view of it. */
export type EntryBody =
  | { readonly type: 'turn_created' | 'turn_started' | 'turn_ended'; readonly turn: Turn }
  | { readonly type: 'item_added' | 'item_done'; readonly outputIndex: number; readonly item: Item }
  | ({ readonly type: 'part_added' } & PartPlace)
  | ({ readonly type: 'text_delta' | 'text_done' | 'part_done'; readonly text: string } & PartPlace)
  /** Of a function call. */
  | ({ readonly type: 'arguments_delta'; readonly text: string } & ItemPlace)
  | ({ readonly type: 'arguments_done'; readonly name: string; readonly text: string } & ItemPlace);

/** A body with its number: from 0, without gap or repeat, given once. */
export interface LogEntry {
  readonly sequence: number;
  readonly body: EntryBody;
}

/**
 * The stored form. Entries that show the whole turn are kept as their type alone: the turn's document is written in
 * the same atomic step, so a reader puts the turn back and a long input is not stored four times.
 */
export function encodeEntry(entry: LogEntry): LoggedEntry {
  const { body } = entry;
  return { sequence: entry.sequence, body: JSON.stringify('turn' in body ? { type: body.type } : body) };
}

/** The entry again; `turn` is what the turn's document said no earlier than the entry was read. */
export function decodeEntry(logged: LoggedEntry, turn: Turn): LogEntry {
  const body = JSON.parse(logged.body) as EntryBody;
  switch (body.type) {
    case 'turn_created':
    case 'turn_started':
      return { sequence: logged.sequence, body: { type: body.type, turn: inProgress(turn) } };
    case 'turn_ended':
      return { sequence: logged.sequence, body: { type: body.type, turn } };
    case 'item_added':
    case 'item_done':
    case 'part_added':
    case 'text_delta':
    case 'text_done':
    case 'part_done':
    case 'arguments_delta':
    case 'arguments_done':
      return { sequence: logged.sequence, body };
  }
}

/** Which entries a reader asked for: everything, or the turn and its result without the way there. */
export type LogView = 'all' | 'result';

const resultTypes: ReadonlySet<EntryBody['type']> = new Set([
  'turn_created',
  'text_done',
  'part_done',
  'arguments_done',
  'item_done',
  'turn_ended',
]);

export function inView(entry: LogEntry, view: LogView): boolean {
  return view === 'all' || resultTypes.has(entry.body.type);
}

/** Characters an entry weighs on its way out, near enough to bound an answer. */
export function entryWeight(entry: LogEntry): number {
  const { body } = entry;
  if ('turn' in body)
    return [...body.turn.input, ...body.turn.output].reduce((sum, item) => sum + itemWeight(item), 200);
  if ('item' in body) return itemWeight(body.item);
  return 'text' in body ? body.text.length + 60 : 60;
}

function itemWeight(item: Item): number {
  return readText(item).length + 80;
}
