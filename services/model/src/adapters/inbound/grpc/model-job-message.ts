import { modelAdmin } from '@parley/contracts';
import type { JobView } from '@parley/jobs';

const states: Readonly<Record<JobView['state'], modelAdmin.JobState>> = {
  queued: modelAdmin.JobState.JOB_STATE_QUEUED,
  running: modelAdmin.JobState.JOB_STATE_RUNNING,
  succeeded: modelAdmin.JobState.JOB_STATE_SUCCEEDED,
  failed: modelAdmin.JobState.JOB_STATE_FAILED,
  cancelled: modelAdmin.JobState.JOB_STATE_CANCELLED,
};

/** A job as it goes over the wire. */
export function modelJobMessage(job: JobView): modelAdmin.ModelJob {
  const { id, kind, subject, state, stage, progress, doneBytes, totalBytes, notes, error } = job;
  return {
    id,
    kind,
    subject,
    state: states[state],
    stage,
    progress,
    doneBytes,
    totalBytes,
    notes: [...notes],
    error: error && { ...error, param: '', retryAfterMs: 0 },
    createdAt: new Date(job.createdAtMs),
    endedAt: job.endedAtMs === undefined ? undefined : new Date(job.endedAtMs),
  };
}
