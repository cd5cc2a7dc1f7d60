import { integerOf, optionalIntegerOf, textOf } from '@parley/sqlite';
import type { Row } from '@parley/sqlite';
import type { JobState, StoredJob } from '../ports.ts';
import type { Fences } from './fences.ts';

/** The columns `jobOf` needs. */
export const jobColumns =
  'id, kind, subject, state, owner, fence, starts, cancel_requested, created_at_ms, ended_at_ms, params, document';

/** The condition that a job's kind is in a list, which is given as one JSON text so that the SQL stays the same. */
export const kindIsIn = 'kind IN (SELECT value FROM json_each(?))';

const states: readonly JobState[] = ['queued', 'running', 'succeeded', 'failed', 'cancelled'];

/** The state in a column. @throws TypeError when it is none. */
export function jobStateOf(row: Row): JobState {
  const text = textOf(row, 'state');
  const state = states.find((known) => known === text);
  if (state === undefined)
    throw new TypeError(`A job has the state "${text}", which this program does not know.`);
  return state;
}

/** A row of `jobs` as the ports give it. */
export function jobOf(row: Row, fences: Fences): StoredJob {
  return {
    id: textOf(row, 'id'),
    kind: textOf(row, 'kind'),
    subject: textOf(row, 'subject'),
    state: jobStateOf(row),
    owner: textOf(row, 'owner'),
    fence: fences.at(integerOf(row, 'fence')),
    starts: integerOf(row, 'starts'),
    cancelRequested: integerOf(row, 'cancel_requested') === 1,
    createdAtMs: integerOf(row, 'created_at_ms'),
    endedAtMs: optionalIntegerOf(row, 'ended_at_ms'),
    params: textOf(row, 'params'),
    document: textOf(row, 'document'),
  };
}

/** The same for a row that may be missing. */
export function optionalJobOf(row: Row | undefined, fences: Fences): StoredJob | undefined {
  return row === undefined ? undefined : jobOf(row, fences);
}
