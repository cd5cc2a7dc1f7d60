import type { Job } from '../api/api-types.ts';
import { bytesText, tableText } from '../table.ts';

/** Whether nothing more will happen to it. */
export function hasEnded({ state }: Job): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}

/** `downloading 40% (56.0 MiB of 138.0 MiB)` */
export function progressText({ state, stage, progress, done_bytes, total_bytes }: Job): string {
  const what = stage === '' ? state : stage;
  if (total_bytes > 0)
    return `${what} ${percent(progress)} (${bytesText(done_bytes)} of ${bytesText(total_bytes)})`;
  return progress > 0 ? `${what} ${percent(progress)}` : what;
}

/** Several jobs as a table. */
export function jobsText(jobs: readonly Job[]): string {
  if (jobs.length === 0) return 'There are no jobs.';
  return tableText(
    [
      { head: 'ID', text: ({ id }) => id },
      { head: 'KIND', text: ({ kind }) => kind },
      { head: 'SUBJECT', text: ({ subject }) => subject },
      { head: 'STATE', text: ({ state }) => state },
      { head: 'BEGAN', text: ({ created_at }) => timeText(created_at) },
      { head: 'DETAIL', text: detailOf },
    ],
    jobs,
  );
}

/** One job with its notes. */
export function jobText(job: Job): string {
  const lines: [string, string][] = [
    ['Job', job.id],
    ['Work', `${job.kind} ${job.subject}`],
    ['State', job.state],
    ['Began', timeText(job.created_at)],
    ...(typeof job.ended_at === 'number' ? [['Ended', timeText(job.ended_at)] as [string, string]] : []),
    ['Detail', detailOf(job)],
  ];
  return [
    ...lines.filter(([, text]) => text !== '').map(([head, text]) => `${head.padEnd(6)}  ${text}`),
    ...job.notes.map((note) => `        ${note}`),
  ].join('\n');
}

function detailOf(job: Job): string {
  if (job.error !== null) return job.error.message;
  return hasEnded(job) ? '' : progressText(job);
}

function percent(share: number): string {
  return `${Math.floor(Math.min(1, share) * 100)}%`;
}

function timeText(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
}
