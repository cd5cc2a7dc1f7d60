import { modelAdmin } from '@parley/contracts';
import type { Job } from '../../ports/model-jobs.ts';

const states: Readonly<Record<modelAdmin.JobState, Job['state']>> = {
  [modelAdmin.JobState.JOB_STATE_UNSPECIFIED]: 'queued',
  [modelAdmin.JobState.UNRECOGNIZED]: 'running',
  [modelAdmin.JobState.JOB_STATE_QUEUED]: 'queued',
  [modelAdmin.JobState.JOB_STATE_RUNNING]: 'running',
  [modelAdmin.JobState.JOB_STATE_SUCCEEDED]: 'succeeded',
  [modelAdmin.JobState.JOB_STATE_FAILED]: 'failed',
  [modelAdmin.JobState.JOB_STATE_CANCELLED]: 'cancelled',
};

/** A job as the model service tells it. */
export function fromModelJob({ state, createdAt, endedAt, ...job }: modelAdmin.ModelJob): Job {
  return {
    ...job,
    state: states[state],
    error: job.error,
    createdAtMs: createdAt?.getTime() ?? 0,
    endedAtMs: endedAt?.getTime(),
  };
}
