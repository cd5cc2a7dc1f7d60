import { fleet } from '@parley/contracts';
import { GrpcPeer } from './grpc-peer.ts';
import { at, ModelPeer } from './model-peer.ts';

/** The model service, where nothing is asked about it afterwards. */
export function modelPeer(): GrpcPeer {
  return new ModelPeer().peer;
}

/** Monitoring: one instance that is ready and one that is down. */
export function fleetPeer(): GrpcPeer {
  const ready: fleet.Instance = {
    service: 'dialogue',
    address: '127.0.0.1:1',
    instanceId: 'i1',
    health: fleet.InstanceHealth.INSTANCE_HEALTH_READY,
    reason: '',
    since: at,
    lastAnswerAt: at,
    version: '0.1.0',
    residentMemoryBytes: 1000,
  };
  const down = {
    ...ready,
    instanceId: '',
    health: fleet.InstanceHealth.INSTANCE_HEALTH_DOWN,
    reason: 'refused',
    lastAnswerAt: undefined,
  };
  return new GrpcPeer([
    [
      fleet.FleetService,
      {
        getFleet: (_call: unknown, callback: (error: null, answer: object) => void) =>
          callback(null, { observedAt: at, instances: [ready, down] }),
      },
    ],
  ]);
}
