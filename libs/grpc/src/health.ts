import type { Server } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';

/**
 * grpc.health.v1 for a server: the services '' and `readiness` say whether it can serve, `liveness` that it answers at
 * all, whatever its dependencies do.
 */
export interface HealthService {
  addToServer(server: Server): void;
  setServing(serving: boolean): void;
}

/** A health service that says NOT_SERVING until it is told otherwise. */
export function createHealthService(): HealthService {
  const health = new HealthImplementation({
    '': 'NOT_SERVING',
    readiness: 'NOT_SERVING',
    liveness: 'SERVING',
  });
  return {
    addToServer: (server) => health.addToServer(server),
    setServing: (serving) => {
      for (const service of ['', 'readiness']) health.setStatus(service, serving ? 'SERVING' : 'NOT_SERVING');
    },
  };
}
