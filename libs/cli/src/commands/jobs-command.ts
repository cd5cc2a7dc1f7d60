import { Command, InvalidArgumentError } from 'commander';
import { ApiClient } from '../api/api-client.ts';
import type { ApiList, Job } from '../api/api-types.ts';
import { findFleet } from '../api/fleet-access.ts';
import type { FleetOptions } from '../api/fleet-access.ts';
import { withFleetOptions } from '../api/fleet-options.ts';
import type { CliContext } from '../cli-context.ts';
import { jobText, jobsText } from '../jobs/job-text.ts';
import { runJob } from '../jobs/run-job.ts';

interface Options extends FleetOptions {
  readonly json?: boolean;
}

/** `parley jobs` */
export function jobsCommand({ output }: CliContext): Command {
  const jobs = new Command('jobs').description('The slow work of a running fleet.');
  withFleetOptions(jobs.command('list'))
    .description('The jobs of the fleet, the newest first.')
    .option('--limit <count>', 'how many at most', parseLimit, 50)
    .option('--json', 'as JSON')
    .action(async ({ json, limit, ...fleet }: Options & { readonly limit: number }) => {
      const list = await new ApiClient(findFleet(fleet)).get<ApiList<Job>>(`/admin/v1/jobs?limit=${limit}`);
      output.out(json === true ? JSON.stringify(list) : jobsText(list.data));
    });
  withFleetOptions(jobs.command('get <id>'))
    .description('One job and its notes.')
    .option('--follow', 'until it has ended; Ctrl-C leaves it')
    .option('--json', 'as JSON')
    .action(async (id: string, { json, follow, ...fleet }: Options & { readonly follow?: boolean }) => {
      const api = new ApiClient(findFleet(fleet));
      const job = await api.get<Job>(pathOf(id));
      if (follow === true) {
        const done = (): string => `${job.kind} ${job.subject}: done.`;
        return await runJob(api, job, {
          output,
          json: json === true,
          wait: true,
          onInterrupt: 'leave',
          done,
        });
      }
      output.out(json === true ? JSON.stringify(job) : jobText(job));
    });
  withFleetOptions(jobs.command('cancel <id>'))
    .description('Cancels a job that has not ended.')
    .option('--json', 'as JSON')
    .action(async (id: string, { json, ...fleet }: Options) => {
      const job = await new ApiClient(findFleet(fleet)).post<Job>(`${pathOf(id)}/cancel`);
      output.out(json === true ? JSON.stringify(job) : jobText(job));
    });
  return jobs;
}

function pathOf(id: string): string {
  return `/admin/v1/jobs/${encodeURIComponent(id)}`;
}

function parseLimit(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= 200) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 to 200.');
}
