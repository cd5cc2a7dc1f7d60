/** The `parley` command with fake services: `node --conditions=@parley/source parley-with-fakes.ts <scripts> <arguments>`. */
import { join } from 'node:path';
import { runCli } from '../../src/run-cli.ts';

const [scripts = '', ...args] = process.argv.slice(2);
process.exitCode = await runCli(args, {
  serviceEntry: (service) => join(scripts, `${service}.mjs`),
  modelChecker: join(scripts, 'check-config.mjs'),
});
