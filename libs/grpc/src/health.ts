import type { Server } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';

/** grpc.health.v1 for a server: the overall status, service name ''. */
export interface HealthService {
  addToServer(server: Server): void;
  setServing(serving: boolean): void;
}

/** A health service that says NOT_SERVING until it is told otherwise. */
export function createHealthService(): HealthService {
  const health = new HealthImplementation({ '': 'NOT_SERVING' });
  return {
    addToServer: (server) => health.addToServer(server),
    setServing: (serving) => health.setStatus('', serving ? 'SERVING' : 'NOT_SERVING'),
  };
}
