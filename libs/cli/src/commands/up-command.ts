import { Command, InvalidArgumentError } from 'commander';
import { isServiceName, serviceNames, startFleet } from '@parley/fleet';
import type { Fleet, FleetEvent, ServiceName } from '@parley/fleet';
import { ParleyError } from '@parley/kernel';
import { CommandFailed } from '../cli-context.ts';
import type { CliContext } from '../cli-context.ts';
import { optionWithEnv, readEnvironment } from '../config.ts';
import { seconds } from '../output.ts';
import { apiKeyOption, configOption, dataOption, portOption } from '../shared-options.ts';
import { watchStopRequests } from '../stop-requests.ts';
import { eventLine, jsonSummary, summary } from '../up-text.ts';

interface UpOptions {
  readonly port: number;
  readonly data: string;
  readonly config: string;
  readonly apiKey?: string;
  readonly only?: ServiceName[];
  readonly replicas?: Partial<Record<ServiceName, number>>;
  /** In seconds. */
  readonly startLimit: number;
  readonly verbose?: boolean;
  readonly json?: boolean;
}

/** Beyond the drain: the time services need to close, and to say what stays open. */
const closingMs = 10_000;

const services = serviceNames.join(', ');

/** `parley up` */
export function upCommand(context: CliContext): Command {
  const only = { variable: 'PARLEY_ONLY', parse: parseServices };
  const replicas = { variable: 'PARLEY_REPLICAS', parse: parseReplicas };
  const startLimit = { variable: 'PARLEY_START_LIMIT_S', initial: 60, parse: parseSeconds };
  return new Command('up')
    .description('Starts the five services on this machine and runs them until Ctrl-C.')
    .addOption(portOption())
    .addOption(dataOption())
    .addOption(configOption())
    .addOption(apiKeyOption('the admin key; without it one is made on the first start and kept'))
    .addOption(
      optionWithEnv(
        '--only <services>',
        `start some of ${services}; the others by PARLEY_<SERVICE>_ADDRESS`,
        only,
      ),
    )
    .addOption(
      optionWithEnv('--replicas <counts>', 'several instances of a service: gateway=2,model=3', replicas),
    )
    .addOption(
      optionWithEnv('--start-limit <seconds>', 'how long a service may take until it is ready', startLimit),
    )
    .option('--verbose', "the services' logs on the terminal instead of in files")
    .option('--json', 'one line of JSON when the fleet is ready, instead of the summary')
    .action(async (options: UpOptions) => up(options, context));
}

async function up(options: UpOptions, context: CliContext): Promise<void> {
  const { out, err } = context.output;
  const begun = performance.now();
  const starting = new AbortController();
  const stopRequested = Promise.withResolvers<void>();
  // While a fleet starts there is nothing to drain: services end when this process does.
  let force = (): void => process.exit(130);
  using _signals = watchStopRequests(process, {
    stop: () => {
      starting.abort();
      stopRequested.resolve();
    },
    force: () => force(),
  });
  const onEvent = (event: FleetEvent): void => {
    const line = eventLine(event);
    if (line !== undefined) err(line);
  };

  err('Parley is starting …');
  const fleet = await startUnlessStopped(options, context, { signal: starting.signal, onEvent });
  let forced = false;
  force = () => {
    forced = true;
    void fleet.forceStop();
  };
  out(options.json === true ? jsonSummary(fleet) : summary(fleet, performance.now() - begun));
  await stopRequested.promise;

  const stopBegun = performance.now();
  err('Stopping; Ctrl-C again does not wait …');
  await fleet.stop();
  err(`Stopped in ${seconds(performance.now() - stopBegun)}. The data stays in ${fleet.dataDir}`);
  if (forced) throw new CommandFailed(130);
}

async function startUnlessStopped(
  options: UpOptions,
  context: CliContext,
  wiring: { signal: AbortSignal; onEvent: (event: FleetEvent) => void },
): Promise<Fleet> {
  const environment = readEnvironment();
  try {
    return await startFleet({
      dataDir: options.data,
      configDir: options.config,
      httpPort: options.port,
      apiKey: options.apiKey,
      only: options.only,
      replicas: options.replicas ?? {},
      neighbours: environment.neighbours,
      env: environment.all,
      startLimitMs: options.startLimit * 1000,
      stopLimitMs: environment.drainTimeoutMs + closingMs,
      logTo: options.verbose === true ? 'inherit' : 'files',
      ...wiring,
      ...(context.serviceEntry === undefined ? {} : { serviceEntry: context.serviceEntry }),
    });
  } catch (error) {
    if (!(error instanceof ParleyError) || error.code !== 'cancelled') throw error;
    context.output.err('Stopped before it was ready.');
    throw new CommandFailed(130);
  }
}

function parseSeconds(text: string): number {
  if (/^\d+$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError('It must be a whole number of seconds, at least 1.');
}

function parseServices(text: string): ServiceName[] {
  return splitList(text).map(toService);
}

function parseReplicas(text: string): Partial<Record<ServiceName, number>> {
  const counts: Partial<Record<ServiceName, number>> = {};
  for (const entry of splitList(text)) {
    const [name = '', count = ''] = entry.split('=');
    if (!/^\d+$/.test(count)) throw new InvalidArgumentError(`"${entry}" is not of the form service=count.`);
    counts[toService(name)] = Number(count);
  }
  return counts;
}

function toService(name: string): ServiceName {
  if (isServiceName(name)) return name;
  throw new InvalidArgumentError(`"${name}" is no service; there are ${services}.`);
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
