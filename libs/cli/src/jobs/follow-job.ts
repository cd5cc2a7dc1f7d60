import { ParleyError, sleep } from '@parley/kernel';
import type { ApiClient } from '../api/api-client.ts';
import type { Job } from '../api/api-types.ts';
import { NoFleetError } from '../api/fleet-access.ts';
import { hasEnded } from './job-text.ts';
import type { ProgressView } from './progress-view.ts';

const pollMs = 250;

/** A gateway that restarts is away this long at most; the job itself goes on meanwhile. */
const awayLimitMs = 30_000;

/**
 * Shows a job until it has ended, a line for each of its notes.
 * @param signal stops following; the job goes on.
 * @throws what the API says, when it has not told of the job for 30 s.
 */
export async function followJob(
  api: ApiClient,
  first: Job,
  view: ProgressView,
  signal: AbortSignal,
): Promise<Job> {
  let job = first;
  let told = 0;
  let awaySince: number | undefined;
  for (;;) {
    for (const note of job.notes.slice(told)) view.say(note);
    told = Math.max(told, job.notes.length);
    view.show(job);
    if (hasEnded(job)) return job;
    await sleep(pollMs, signal);
    try {
      job = await api.get<Job>(`/admin/v1/jobs/${encodeURIComponent(job.id)}`, signal);
      awaySince = undefined;
    } catch (error) {
      if (!mayPass(error)) throw error;
      if (awaySince === undefined) view.say('the fleet does not answer; waiting for it …');
      awaySince ??= performance.now();
      if (performance.now() - awaySince > awayLimitMs) throw error;
    }
  }
}

function mayPass(error: unknown): boolean {
  return error instanceof NoFleetError || (error instanceof ParleyError && error.retryable);
}
