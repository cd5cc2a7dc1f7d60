import { ParleyError } from '@parley/kernel';
import type { JobState, StoredJob } from '../ports.ts';
import { fenceOf } from './fence-text.ts';
import { textOf } from './reply.ts';

const states: readonly JobState[] = ['queued', 'running', 'succeeded', 'failed', 'cancelled'];

/** A job as the functions keep it. */
interface JobText extends Omit<StoredJob, 'fence' | 'endedAtMs'> {
  readonly fence: string;
  readonly endedAtMs?: number;
}

/** The state of that name. @throws ParleyError `internal` when it is none. */
export function jobStateOf(text: string): JobState {
  const state = states.find((known) => known === text);
  if (state === undefined)
    throw new ParleyError('internal', `This program does not know the job state "${text}".`);
  return state;
}

/** A job's text as the ports give it. */
export function jobOf(reply: unknown): StoredJob {
  const job = JSON.parse(textOf(reply)) as JobText;
  const { id, kind, subject, params, document, createdAtMs, owner, starts, cancelRequested } = job;
  const state = jobStateOf(job.state);
  const common = { id, kind, subject, params, document, createdAtMs, owner, starts, cancelRequested, state };
  return { ...common, fence: fenceOf(job.fence), endedAtMs: job.endedAtMs };
}

/** The same for a reply that may be missing. */
export function optionalJobOf(reply: unknown): StoredJob | undefined {
  return reply === null ? undefined : jobOf(reply);
}
