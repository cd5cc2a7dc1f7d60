import type { EntryBody, LogEntry } from './log-entry.ts';
import { inProgress, textOf } from '../turn/turn.ts';
import type { FunctionCallItem, Item, Turn } from '../turn/turn.ts';

/**
 * The log of an ended turn whose own is not kept, made of its outcome: numbered from 0 without a gap, each message's
 * text in one piece. It is for readers from the start only: its numbers are not those of the turn's own log.
 */
export function outcomeLog(turn: Turn): readonly LogEntry[] {
  const running = inProgress(turn);
  const bodies: EntryBody[] = [
    { type: 'turn_created', turn: running },
    ...(turn.output.length === 0 ? [] : [{ type: 'turn_started', turn: running } as const]),
    ...turn.output.flatMap(itemEntries),
    { type: 'turn_ended', turn },
  ];
  return bodies.map((body, sequence) => ({ sequence, body }));
}

function itemEntries(item: Item, outputIndex: number): EntryBody[] {
  if (item.type === 'function_call') return callEntries(item, outputIndex);
  const place = { outputIndex, itemId: item.id, contentIndex: 0 };
  const text = textOf(item);
  return [
    { type: 'item_added', outputIndex, item: { ...item, content: [], status: 'in_progress' } },
    { type: 'part_added', ...place },
    ...(text === '' ? [] : [{ type: 'text_delta', ...place, text } as const]),
    { type: 'text_done', ...place, text },
    { type: 'part_done', ...place, text },
    { type: 'item_done', outputIndex, item },
  ];
}

function callEntries(item: FunctionCallItem, outputIndex: number): EntryBody[] {
  const place = { outputIndex, itemId: item.id };
  const text = item.arguments;
  return [
    { type: 'item_added', outputIndex, item: { ...item, arguments: '', status: 'in_progress' } },
    ...(text === '' ? [] : [{ type: 'arguments_delta', ...place, text } as const]),
    { type: 'arguments_done', ...place, name: item.name, text },
    { type: 'item_done', outputIndex, item },
  ];
}
