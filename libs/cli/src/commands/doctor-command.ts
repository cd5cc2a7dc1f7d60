import { Command } from 'commander';
import { CommandFailed } from '../cli-context.ts';
import type { CliContext } from '../cli-context.ts';
import { readEnvironment } from '../config.ts';
import { findingsText } from '../doctor/finding.ts';
import { machineFindings } from '../doctor/machine.ts';
import { modelFindings } from '../doctor/models.ts';
import { placeFindings } from '../doctor/place.ts';
import { serverFindings } from '../doctor/servers.ts';
import { configOption, dataOption, portOption } from '../shared-options.ts';

interface DoctorOptions {
  readonly port: number;
  readonly data: string;
  readonly config: string;
  readonly json?: boolean;
}

/** `parley doctor` */
export function doctorCommand({ output }: CliContext): Command {
  return new Command('doctor')
    .description('Says what this machine has and what is missing; exit code 1 when something required is.')
    .addOption(portOption())
    .addOption(dataOption())
    .addOption(configOption())
    .option('--json', 'as JSON')
    .action(async ({ port, data, config, json }: DoctorOptions) => {
      const environment = readEnvironment();
      const findings = [
        ...machineFindings(),
        ...(await placeFindings(data, port)),
        ...modelFindings(config, environment.modelCache),
        ...serverFindings(environment.all),
      ];
      const ok = findings.every((finding) => finding.ok || !finding.required);
      output.out(json === true ? JSON.stringify({ ok, findings }) : findingsText(findings));
      if (!ok) throw new CommandFailed(1);
    });
}
