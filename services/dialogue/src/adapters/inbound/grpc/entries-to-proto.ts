import type { dialogue } from '@parley/contracts';
import type { EntryBody, LogEntry } from '../../../domain/log/log-entry.ts';
import { itemToProto, turnToProto } from './turn-to-proto.ts';

/** Entries that became visible together, as one message. */
export function entriesToProto(entries: readonly LogEntry[]): dialogue.LogEntries {
  const shown = entries.map(({ sequence, body }) => ({ sequence, entry: bodyToProto(body) }));
  return { entries: shown, waiting: undefined };
}

function bodyToProto(body: EntryBody): dialogue.LogEntry['entry'] {
  switch (body.type) {
    case 'turn_created':
      return { $case: 'turnCreated', turnCreated: { turn: turnToProto(body.turn) } };
    case 'turn_started':
      return { $case: 'turnStarted', turnStarted: { turn: turnToProto(body.turn) } };
    case 'item_added':
      return {
        $case: 'itemAdded',
        itemAdded: { outputIndex: body.outputIndex, item: itemToProto(body.item) },
      };
    case 'part_added':
      return { $case: 'partAdded', partAdded: body };
    case 'text_delta':
      return { $case: 'textDelta', textDelta: body };
    case 'text_done':
      return { $case: 'textDone', textDone: body };
    case 'part_done':
      return { $case: 'partDone', partDone: body };
    case 'arguments_delta':
      return { $case: 'argumentsDelta', argumentsDelta: body };
    case 'arguments_done':
      return { $case: 'argumentsDone', argumentsDone: body };
    case 'item_done':
      return { $case: 'itemDone', itemDone: { outputIndex: body.outputIndex, item: itemToProto(body.item) } };
    case 'turn_ended':
      return { $case: 'turnEnded', turnEnded: { turn: turnToProto(body.turn) } };
  }
}
