import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { ConfigError, DocumentError } from '@parley/config';
import { ParleyError } from '@parley/kernel';
import { NoFleetError } from './api/fleet-access.ts';
import { CommandFailed } from './cli-context.ts';
import { chatCommand } from './commands/chat-command.ts';
import { configCheckCommand } from './commands/config-check-command.ts';
import { doctorCommand } from './commands/doctor-command.ts';
import { eventsCommand } from './commands/events-command.ts';
import { flowsCommand } from './commands/flows-command.ts';
import { jobsCommand } from './commands/jobs-command.ts';
import { modelsCommand } from './commands/models-command.ts';
import { upCommand } from './commands/up-command.ts';
import { processOutput } from './output.ts';
import type { CliContext } from './cli-context.ts';

/**
 * Runs one command line and returns its exit code: 0 done, 1 a fault that has been written to stderr, 2 no fleet was
 * found or none answers, 130 ended by Ctrl-C before it was done.
 * @param args without the program's own name.
 */
export async function runCli(args: readonly string[], context: Partial<CliContext> = {}): Promise<number> {
  const complete: CliContext = { ...context, output: context.output ?? processOutput() };
  const { out, err } = complete.output;
  const program = new Command('parley')
    .description('Runs and looks after a Parley fleet on this machine.')
    .version(version())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => out(text.trimEnd()),
      writeErr: (text) => err(text.trimEnd()),
      outputError: (text, write) => write(text.replace(/^error: /, 'parley: ')),
    });
  const commands = [
    upCommand(complete),
    doctorCommand(complete),
    configCheckCommand(complete),
    flowsCommand(complete),
    modelsCommand(complete),
    jobsCommand(complete),
    eventsCommand(complete),
    chatCommand(complete),
  ];
  for (const command of commands) {
    inherit(command, program);
    program.addCommand(command);
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return exitCodeOf(error, err);
  }
}

function exitCodeOf(error: unknown, err: (text: string) => void): number {
  if (error instanceof CommandFailed || error instanceof CommanderError) return error.exitCode;
  err(`parley: ${messageOf(error)}`);
  return error instanceof NoFleetError ? 2 : 1;
}

/** Commands made elsewhere do not take the program's settings by themselves. */
function inherit(command: Command, program: Command): void {
  command.copyInheritedSettings(program);
  for (const inner of command.commands) inherit(inner, program);
}

/** Faults that a user can mend are told in their own words; any other needs its stack. */
function messageOf(error: unknown): string {
  if ([ParleyError, ConfigError, DocumentError, NoFleetError].some((type) => error instanceof type))
    return (error as Error).message;
  return `this is a fault of Parley's own: ${error instanceof Error ? error.stack : String(error)}`;
}

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
