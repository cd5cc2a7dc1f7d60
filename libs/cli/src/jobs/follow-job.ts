import { sleep } from '@parley/kernel';
import type { ApiClient } from '../api/api-client.ts';
import type { Job } from '../api/api-types.ts';
import { Patience } from '../api/patience.ts';
import { hasEnded } from './job-text.ts';
import type { ProgressView } from './progress-view.ts';

const pollMs = 250;

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
  const patience = new Patience((line) => view.say(line), 0);
  patience.answered();
  let job = first;
  let told = 0;
  for (;;) {
    for (const note of job.notes.slice(told)) view.say(note);
    told = Math.max(told, job.notes.length);
    view.show(job);
    if (hasEnded(job)) return job;
    await sleep(pollMs, signal);
    try {
      job = await api.get<Job>(`/admin/v1/jobs/${encodeURIComponent(job.id)}`, signal);
      patience.answered();
    } catch (error) {
      await patience.failed(error, signal);
    }
  }
}
