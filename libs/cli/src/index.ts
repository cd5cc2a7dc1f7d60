/** The `parley` command; `bin/parley.mjs` runs it. */
export { runCli } from './run-cli.ts';
export type { CliContext } from './cli-context.ts';
export type { Output } from './output.ts';
