import { sharedJobKinds } from '@parley/jobs';
import type { Jobs } from '@parley/jobs';
import type { ModelMoves } from '../../../domain/switching/model-moves.ts';

/** They run one after another: more of a kind at once would only wait inside. */
const oneAtATime = { concurrency: 1 };

/** Makes known to the job runner what is done for LoadModel, UnloadModel, SwitchAlias and RollbackAlias. */
export function registerModelJobs(jobs: Jobs, moves: ModelMoves): void {
  // All jobs of the fleet are asked for here.
  jobs.answerFor(sharedJobKinds.export);
  jobs.register('load', ({ model }, progress) => moves.load(String(model), progress), oneAtATime);
  jobs.register('unload', ({ model }, progress) => moves.unload(String(model), progress), oneAtATime);
  for (const kind of ['switch', 'rollback']) {
    jobs.register(
      kind,
      async ({ alias, model, document }, progress) => {
        if (document !== undefined) await moves.untilClaimed(String(alias), String(document), progress);
        await moves.switch(String(alias), String(model), progress);
      },
      oneAtATime,
    );
  }
}
