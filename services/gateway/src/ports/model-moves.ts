import type { Call } from './call.ts';
import type { Job } from './model-jobs.ts';

/**
 * Changes which models there are and where aliases point. Each answers as soon as the work is accepted as a job.
 * Every method throws ParleyError: `model_not_found`, `conflict`, `overloaded` when too many jobs wait, `unavailable`.
 */
export interface ModelMoves {
  /** @param source a name of the catalogue or a source's URI */
  pull(source: string, call: Call): Promise<Job>;
  load(model: string, call: Call): Promise<Job>;
  unload(model: string, call: Call): Promise<Job>;
  switch(alias: string, model: string, call: Call): Promise<Job>;
  /** Moves an alias back to where it pointed before. */
  rollback(alias: string, call: Call): Promise<Job>;
}
