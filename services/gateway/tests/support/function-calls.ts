import { dialogue } from '@parley/contracts';
import { newPublicId } from '@parley/kernel';

/** A function that a turn asks for, and the pieces in which its arguments come. */
export type AskedFunction = readonly [name: string, ...pieces: string[]];

const { ITEM_STATUS_IN_PROGRESS: begun, ITEM_STATUS_COMPLETED: complete } = dialogue.ItemStatus;

/** Tells of calls as dialogue does. @returns the items */
export function askForFunctions(
  calls: readonly AskedFunction[],
  append: (entry: dialogue.LogEntry['entry']) => void,
): dialogue.Item[] {
  return calls.map(([name, ...pieces], outputIndex) => {
    const itemId = newPublicId('fc');
    const item = (written: string, status: dialogue.ItemStatus): dialogue.Item => {
      const functionCall = { callId: `call_${outputIndex}`, name, arguments: written, status };
      return { id: itemId, item: { $case: 'functionCall', functionCall } };
    };
    append({ $case: 'itemAdded', itemAdded: { outputIndex, item: item('', begun) } });
    for (const text of pieces)
      append({ $case: 'argumentsDelta', argumentsDelta: { outputIndex, itemId, text } });
    const text = pieces.join('');
    append({ $case: 'argumentsDone', argumentsDone: { outputIndex, itemId, text, name } });
    const done = item(text, complete);
    append({ $case: 'itemDone', itemDone: { outputIndex, item: done } });
    return done;
  });
}
