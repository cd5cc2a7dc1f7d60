import type { DeadLetterEntry, EventEntry } from '../api/api-types.ts';
import { tableText } from '../table.ts';

/** One event as a line: when, what, of which tenant, of which conversation and turn. */
export function eventLine({ time, type, tenant, key, turn_id }: EventEntry): string {
  const turn = turn_id === null || turn_id === key ? '' : turn_id;
  return [timeText(time), type.padEnd(30), tenant.padEnd(10), key, turn].join('  ').trimEnd();
}

/** Dead letters as a table. */
export function lettersText(letters: readonly DeadLetterEntry[]): string {
  if (letters.length === 0) return 'There are no dead letters.';
  return tableText(
    [
      { head: 'ID', text: ({ id }) => id },
      { head: 'RECEIVED', text: ({ received_at }) => timeText(received_at) },
      { head: 'REASON', text: ({ reason }) => reason },
      { head: 'TYPE', text: ({ type }) => short(type) },
      { head: 'FROM', text: ({ topic, partition, offset }) => `${short(topic)} ${partition}/${offset}` },
      { head: 'DETAIL', text: ({ detail }) => detail },
    ],
    letters,
  );
}

function timeText(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}

/** Attributes of what is malformed can hold anything: one line of a terminal, without what would control it. */
function short(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?').slice(0, 48) || '–';
}
