import type { Command } from 'commander';
import { ApiClient } from '../api/api-client.ts';
import type { ApiList, LocalModelEntry, PruneAnswer } from '../api/api-types.ts';
import { findFleet } from '../api/fleet-access.ts';
import type { FleetOptions } from '../api/fleet-access.ts';
import { withFleetOptions } from '../api/fleet-options.ts';
import type { CliContext } from '../cli-context.ts';
import { localModelsText, parseBytes, pruneText } from '../models/cache-text.ts';

interface Options extends FleetOptions {
  readonly json?: boolean;
}

interface PruneOptions extends Options {
  readonly dryRun?: boolean;
  readonly maxBytes?: number;
}

/** `parley models local` and `prune`: which models lie on the fleet's machine. */
export function addCacheCommands(models: Command, { output }: CliContext): void {
  withFleetOptions(models.command('local'))
    .description('Says which models of Ollama, LM Studio and llama.cpp are there to be used.')
    .option('--json', 'as JSON')
    .action(async ({ json, ...fleet }: Options) => {
      const api = new ApiClient(findFleet(fleet));
      const list = await api.get<ApiList<LocalModelEntry>>('/admin/v1/models/local');
      output.out(json === true ? JSON.stringify(list) : localModelsText(list.data));
    });
  withFleetOptions(models.command('prune'))
    .description('Removes pulled models that nobody needs, the least recently used first.')
    .option('--json', 'as JSON')
    .option('--dry-run', 'only says what would be removed')
    .option('--max-bytes <size>', 'the bound, such as 20GB, in place of the configured one', parseBytes)
    .action(async ({ json, dryRun, maxBytes, ...fleet }: PruneOptions) => {
      const body = { dry_run: dryRun === true, ...(maxBytes === undefined ? {} : { max_bytes: maxBytes }) };
      const api = new ApiClient(findFleet(fleet));
      const answer = await api.post<PruneAnswer>('/admin/v1/models/prune', body);
      output.out(json === true ? JSON.stringify(answer) : pruneText(answer));
    });
}
