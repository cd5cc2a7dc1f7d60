import { CommandFailed } from '../cli-context.ts';
import type { ApiClient } from '../api/api-client.ts';
import type { Job } from '../api/api-types.ts';
import type { Output } from '../output.ts';
import { watchStopRequests } from '../stop-requests.ts';
import { followJob } from './follow-job.ts';
import { progressView } from './progress-view.ts';

/** How the end of a job is told. */
export interface JobRun {
  readonly output: Output;
  /** Prints the job itself. */
  readonly json: boolean;
  /** Whether to stay until the job has ended. */
  readonly wait: boolean;
  /** What Ctrl-C does first; a second one leaves the job in any case. */
  readonly onInterrupt: 'cancel' | 'leave';
  /** What to say when it has succeeded. */
  readonly done: (job: Job) => string | Promise<string>;
}

/**
 * Follows a job to its end.
 * @throws CommandFailed 1 when it failed, the reason told; 130 when it was cancelled or left by Ctrl-C.
 */
export async function runJob(api: ApiClient, job: Job, run: JobRun): Promise<void> {
  const { out, err } = run.output;
  if (!run.wait) {
    out(
      run.json
        ? JSON.stringify(job)
        : `${job.id} has begun. Follow it with: parley jobs get ${job.id} --follow`,
    );
    return;
  }
  const ended = await followUnlessStopped(api, job, run);
  if (run.json) out(JSON.stringify(ended.job));
  const { state, error } = ended.job;
  if (state === 'succeeded') {
    if (!run.json) out(await run.done(ended.job));
    return;
  }
  if (ended.hasLeft) err(`The job goes on without you. Follow it with: parley jobs get ${job.id} --follow`);
  else if (state === 'cancelled') err('Cancelled.');
  else err(`parley: ${error?.message ?? `The job ${job.id} failed without a reason.`}`);
  throw new CommandFailed(ended.wasInterrupted ? 130 : 1);
}

interface Followed {
  readonly job: Job;
  readonly wasInterrupted: boolean;
  readonly hasLeft: boolean;
}

async function followUnlessStopped(
  api: ApiClient,
  job: Job,
  { output, onInterrupt }: JobRun,
): Promise<Followed> {
  const leaving = new AbortController();
  using view = progressView(output);
  let wasInterrupted = false;
  const cancel = async (): Promise<void> => {
    wasInterrupted = true;
    view.say('cancelling; Ctrl-C again leaves the job alone …');
    try {
      await api.post(`/admin/v1/jobs/${encodeURIComponent(job.id)}/cancel`);
    } catch (error) {
      view.say(`it cannot be cancelled: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  using _signals = watchStopRequests(process, {
    stop: () => (onInterrupt === 'cancel' ? void cancel() : leaving.abort()),
    force: () => leaving.abort(),
  });
  try {
    return { job: await followJob(api, job, view, leaving.signal), wasInterrupted, hasLeft: false };
  } catch (error) {
    if (!leaving.signal.aborted) throw error;
    return { job, wasInterrupted: true, hasLeft: true };
  }
}
