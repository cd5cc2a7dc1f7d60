import { Command } from 'commander';
import { CommandFailed } from '../cli-context.ts';
import type { CliContext } from '../cli-context.ts';
import { checkDocuments } from '../check-documents.ts';
import { readEnvironment } from '../config.ts';
import { documentCheckers } from '../service-programs.ts';
import { configOption } from '../shared-options.ts';

interface CheckOptions {
  readonly config: string;
  readonly json?: boolean;
}

/** `parley config check` */
export function configCheckCommand({ output, checkers = documentCheckers }: CliContext): Command {
  const check = new Command('check')
    .description(
      'Validates the environment and the configuration documents; exit code 1 when something is wrong.',
    )
    .addOption(configOption())
    .option('--json', 'as JSON')
    .action(async ({ config, json }: CheckOptions) => {
      readEnvironment();
      const { documents, faults } = await checkDocuments(config, checkers);
      const ok = faults.length === 0;
      if (json === true) output.out(JSON.stringify({ ok, documents, faults }));
      else if (ok)
        output.out(
          `${documents.length} ${documents.length === 1 ? 'file of documents is' : 'files of documents are'} valid in ${config}`,
        );
      else for (const { text } of faults) output.err(text);
      if (!ok) throw new CommandFailed(1);
    });
  return new Command('config').description('Looks at the configuration.').addCommand(check);
}
