import { ParleyError } from '@parley/kernel';
import { inheritedEnvironment } from './config.ts';
import { freePorts, loopback } from './loopback-ports.ts';
import { serviceNames } from './service-name.ts';
import type { FleetOptions, Neighbours } from './fleet.ts';
import type { ServiceName } from './service-name.ts';

/** One process to run: its ports are chosen once and kept over restarts, so that its neighbours find it again. */
export interface InstancePlan {
  readonly service: ServiceName;
  readonly index: number;
  readonly grpcPort: number;
  readonly telemetryPort: number;
  /** Where a gateway serves HTTP; undefined for the other services. */
  readonly httpPort: number | undefined;
  /** Where a gateway serves its public gRPC; undefined for the other services. */
  readonly publicGrpcPort: number | undefined;
}

/** Which processes a fleet consists of, and where every service of it can be called. */
export interface FleetPlan {
  readonly instances: readonly InstancePlan[];
  /** `host:port` of every instance of every service, those that run elsewhere included. */
  readonly addresses: Readonly<Record<ServiceName, readonly string[]>>;
}

/** What a service cannot work without. Monitoring reports what it cannot reach, so it needs nobody. */
const needs: Readonly<Record<ServiceName, readonly ServiceName[]>> = {
  gateway: ['dialogue', 'model', 'logging', 'monitoring'],
  dialogue: ['model'],
  model: [],
  logging: [],
  monitoring: [],
};

const mostReplicas = 16;

/**
 * Decides which processes to run and gives each its ports.
 * @throws ParleyError `config_invalid` when the options contradict each other or leave a service without its neighbours.
 */
export async function planFleet(
  options: Pick<FleetOptions, 'only' | 'replicas' | 'neighbours' | 'httpPort' | 'env'>,
): Promise<FleetPlan> {
  const only = options.only ?? serviceNames;
  const wanted = serviceNames.filter((service) => only.includes(service));
  const neighbours = options.neighbours ?? {};
  const counts = new Map(wanted.map((service) => [service, options.replicas?.[service] ?? 1]));
  checkReplicas(counts, options.replicas ?? {});
  checkLogging(counts, options.env ?? inheritedEnvironment());
  checkNeighbours(wanted, neighbours);

  const instances = await giveThemPorts(counts, options.httpPort ?? 8080);
  const addressesOf = (service: ServiceName): readonly string[] => {
    const own = instances.filter((instance) => instance.service === service);
    return own.length > 0
      ? own.map(({ grpcPort }) => `${loopback}:${grpcPort}`)
      : (neighbours[service] ?? []);
  };
  return {
    instances,
    addresses: {
      logging: addressesOf('logging'),
      model: addressesOf('model'),
      dialogue: addressesOf('dialogue'),
      monitoring: addressesOf('monitoring'),
      gateway: addressesOf('gateway'),
    },
  };
}

async function giveThemPorts(
  counts: ReadonlyMap<ServiceName, number>,
  httpPort: number,
): Promise<InstancePlan[]> {
  const slots = [...counts].flatMap(([service, count]) =>
    Array.from({ length: count }, (_, index) => ({ service, index })),
  );
  const ports = await freePorts(slots.length * 4);
  const next = (): number => {
    const port = ports.pop();
    if (port === undefined) throw new ParleyError('internal', 'A fleet needs more ports than it asked for.');
    return port;
  };
  return slots.map(({ service, index }) => {
    const isFirstGateway = service === 'gateway' && index === 0 && httpPort !== 0;
    return {
      service,
      index,
      grpcPort: next(),
      telemetryPort: next(),
      httpPort: service !== 'gateway' ? undefined : isFirstGateway ? httpPort : next(),
      publicGrpcPort: service === 'gateway' ? next() : undefined,
    };
  });
}

function checkReplicas(
  counts: ReadonlyMap<ServiceName, number>,
  asked: Partial<Record<ServiceName, number>>,
): void {
  for (const service of serviceNames) {
    const count = asked[service];
    if (count === undefined) continue;
    if (!counts.has(service)) {
      throw new ParleyError(
        'config_invalid',
        `Replicas of ${service} were asked for, but it is not among the services to start.`,
      );
    }
    if (!Number.isInteger(count) || count < 1 || count > mostReplicas) {
      throw new ParleyError(
        'config_invalid',
        `Replicas of ${service} must be a whole number from 1 to ${mostReplicas}, not ${count}.`,
      );
    }
  }
}

/** Every instance of logging records into one store, and the embedded one has one writer. */
function checkLogging(counts: ReadonlyMap<ServiceName, number>, env: NodeJS.ProcessEnv): void {
  if ((counts.get('logging') ?? 1) <= 1 || (env['PARLEY_POSTGRES_URL'] ?? '') !== '') return;
  throw new ParleyError(
    'config_invalid',
    'Several instances of logging need PostgreSQL (PARLEY_POSTGRES_URL); the embedded record takes one.',
  );
}

function checkNeighbours(wanted: readonly ServiceName[], neighbours: Neighbours): void {
  if (wanted.length === 0)
    throw new ParleyError('config_invalid', `No service to start. There are: ${serviceNames.join(', ')}.`);
  for (const service of wanted) {
    for (const needed of needs[service]) {
      if (wanted.includes(needed) || (neighbours[needed]?.length ?? 0) > 0) continue;
      const variable = `PARLEY_${needed.toUpperCase()}_ADDRESS`;
      throw new ParleyError(
        'config_invalid',
        `${service} calls ${needed}, which is not started here: set ${variable} to its host:port.`,
      );
    }
  }
}
