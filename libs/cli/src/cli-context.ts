import type { ServiceName } from '@parley/fleet';
import type { Output } from './output.ts';
import type { DocumentTester } from './service-programs.ts';

/** What commands need from outside; tests give their own. */
export interface CliContext {
  readonly output: Output;
  /** Where a service's script lies; without it those of this repository. */
  readonly serviceEntry?: (service: ServiceName) => string;
  /** The scripts that check documents; without them those of the services. */
  readonly checkers?: readonly string[];
  /** The programs that run documents' own tests; without them those of the services. */
  readonly testers?: readonly DocumentTester[];
  /** The programs that look at model files; without them those of the model service. */
  readonly programs?: { readonly inspect: string; readonly split: string };
}

/** Ends a command with an exit code other than 0 whose reason has been written already. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`The command ended with exit code ${exitCode}.`);
    this.exitCode = exitCode;
  }
}
