export { Jobs } from './jobs.ts';
export type { JobLimits, JobsOptions } from './jobs.ts';
export type { JobParams, JobProgress, JobWork } from './job-work.ts';
export type { JobView } from './job-view.ts';
export type { JobFault } from './job-document.ts';
export type { JobEvents, JobFact } from './job-events.ts';
