import type { JobState, StoredJob } from '@parley/state/ports';
import { parseJobDocument } from './job-document.ts';
import type { JobDocument } from './job-document.ts';

/** A job as people see it. */
export interface JobView extends JobDocument {
  readonly id: string;
  readonly kind: string;
  /** What it is about, for example the name of a model. */
  readonly subject: string;
  readonly state: JobState;
  readonly createdAtMs: number;
  readonly endedAtMs?: number;
}

const cancelledFault = { code: 'cancelled', message: 'The job was cancelled.', retryable: false };

/** A stored job for people. */
export function jobView({ id, kind, subject, state, createdAtMs, endedAtMs, document }: StoredJob): JobView {
  return {
    ...parseJobDocument(document),
    id,
    kind,
    subject,
    state,
    createdAtMs,
    ...(endedAtMs === undefined ? {} : { endedAtMs }),
    ...(state === 'cancelled' ? { error: cancelledFault } : {}),
  };
}
