import { fleet } from '@parley/contracts';
import { unary } from '@parley/grpc';
import type { Call } from '../../ports/call.ts';
import type { Fleet, FleetInstance } from '../../ports/fleet.ts';
import { outgoingOf } from './neighbour.ts';
import type { Neighbour } from './neighbour.ts';

const healths: Readonly<Record<fleet.InstanceHealth, FleetInstance['health']>> = {
  [fleet.InstanceHealth.INSTANCE_HEALTH_UNSPECIFIED]: 'unknown',
  [fleet.InstanceHealth.UNRECOGNIZED]: 'unknown',
  [fleet.InstanceHealth.INSTANCE_HEALTH_UNKNOWN]: 'unknown',
  [fleet.InstanceHealth.INSTANCE_HEALTH_READY]: 'ready',
  [fleet.InstanceHealth.INSTANCE_HEALTH_NOT_READY]: 'not_ready',
  [fleet.InstanceHealth.INSTANCE_HEALTH_UNRESPONSIVE]: 'unresponsive',
  [fleet.InstanceHealth.INSTANCE_HEALTH_DOWN]: 'down',
};

/** Monitoring's view of the fleet over gRPC. */
export class GrpcFleet implements Fleet {
  readonly #neighbour: Neighbour<fleet.FleetClient>;

  constructor(neighbour: Neighbour<fleet.FleetClient>) {
    this.#neighbour = neighbour;
  }

  async status(call: Call): Promise<{ observedAtMs: number; instances: readonly FleetInstance[] }> {
    const client = this.#neighbour.client();
    const { observedAt, instances } = await unary<fleet.GetFleetRequest, fleet.FleetStatus>(
      client.getFleet.bind(client),
      {},
      outgoingOf(call),
    );
    return {
      observedAtMs: observedAt?.getTime() ?? 0,
      instances: instances.map(({ since, lastAnswerAt, health, ...instance }) => ({
        ...instance,
        health: healths[health],
        sinceMs: since?.getTime(),
        lastAnswerAtMs: lastAnswerAt?.getTime(),
      })),
    };
  }
}
