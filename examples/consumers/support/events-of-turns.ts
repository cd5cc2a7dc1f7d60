import { turnEventTypes } from '@parley/contracts';
import type { EventRecord } from '@parley/events/ports';
import { aRecord } from '@parley/testing';

type Ending = keyof typeof turnEventTypes;

/** What is published of one turn of a conversation: that it was accepted, and how it ended. */
export function eventsOfTurn(
  conversation: string,
  nth: number,
  ending: Ending,
  tokens: { readonly input?: number; readonly output?: number } = {},
): [EventRecord, EventRecord] {
  const turn = { turnId: `resp_${nth}`, tenant: 'acme', conversationId: conversation };
  const usage = {
    ...(tokens.input === undefined ? {} : { inputTokens: tokens.input }),
    ...(tokens.output === undefined ? {} : { outputTokens: tokens.output }),
  };
  // A text that looks like a field, for readers that search in the payload.
  const output = [
    { id: 'msg_1', content: [{ text: 'You asked for "inputTokens":99,\n"outputTokens":99.' }] },
  ];
  const record = (type: string, sequence: number, data: object): EventRecord =>
    aRecord({ type, key: conversation, subject: turn.turnId, sequence, data: JSON.stringify(data) });
  return [
    record(turnEventTypes.accepted, 2 * nth, { turn }),
    record(turnEventTypes[ending], 2 * nth + 1, { turn, output, usage }),
  ];
}

/** The line that every example prints for it. */
export function lineOf(conversation: string, ending: Ending, input: number, output: number): string {
  return `${conversation} ${ending} ${input}+${output} tokens`;
}
