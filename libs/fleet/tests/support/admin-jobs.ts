import { eventually } from './test-fleet.ts';
import type { TestFleet } from './test-fleet.ts';

/** A job as the admin API shows it. */
export interface Job {
  readonly id: string;
  readonly state: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  readonly notes: readonly string[];
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** Starts a job by the admin API and waits for its end. */
export async function runJob(
  fleet: TestFleet,
  action: string,
  body: object,
  withinMs = 120_000,
): Promise<Job> {
  const response = await fleet.post(`/admin/v1/models/${action}`, body);
  if (response.status !== 202) throw new Error(`${action}: ${response.status} ${await response.text()}`);
  const { id } = (await response.json()) as Job;
  return eventually(`${action} has ended`, withinMs, async () => {
    const job = await fleet.json<Job>(`/admin/v1/jobs/${id}`);
    return job.state === 'queued' || job.state === 'running' ? undefined : job;
  });
}

/** Moves an alias. @throws Error with the job's reason when it did not. */
export async function moveAlias(fleet: TestFleet, alias: string, model: string): Promise<void> {
  const job = await runJob(fleet, 'switch', { alias, model });
  if (job.state !== 'succeeded') throw new Error(`switch: ${job.error?.message}`);
}
