/** The `parley` command with fake services: `node --conditions=@parley/source parley-with-fakes.ts <scripts> <arguments>`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../../src/run-cli.ts';

const [scripts = '', ...args] = process.argv.slice(2);
/** A test writes those that it wants. */
const programs = (...names: readonly string[]): string[] =>
  names.map((name) => join(scripts, `${name}.mjs`)).filter((script) => existsSync(script));
process.exitCode = await runCli(args, {
  serviceEntry: (service) => join(scripts, `${service}.mjs`),
  checkers: programs('check-models', 'check-assistants'),
  programs: { inspect: join(scripts, 'inspect-model.mjs'), split: join(scripts, 'split-model.mjs') },
  testers: [
    ...programs('check-flows').map((script) => ({ script })),
    ...programs('check-others').map((script) => ({ script, folders: ['strategies'] })),
  ],
});
