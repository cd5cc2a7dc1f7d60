import { fleet } from '@parley/contracts';
import type { FleetStatus, InstanceHealth, InstanceStatus } from '../../../domain/instance-status.ts';

const healthMessages: Readonly<Record<InstanceHealth, fleet.InstanceHealth>> = {
  unknown: fleet.InstanceHealth.INSTANCE_HEALTH_UNKNOWN,
  ready: fleet.InstanceHealth.INSTANCE_HEALTH_READY,
  not_ready: fleet.InstanceHealth.INSTANCE_HEALTH_NOT_READY,
  unresponsive: fleet.InstanceHealth.INSTANCE_HEALTH_UNRESPONSIVE,
  down: fleet.InstanceHealth.INSTANCE_HEALTH_DOWN,
};

export function statusMessage({ observedAtMs, instances }: FleetStatus): fleet.FleetStatus {
  return { observedAt: new Date(observedAtMs), instances: instances.map(instanceMessage) };
}

function instanceMessage(status: InstanceStatus): fleet.Instance {
  const {
    service,
    address,
    instanceId,
    health,
    reason,
    sinceMs,
    lastAnswerAtMs,
    version,
    residentMemoryBytes,
  } = status;
  return {
    service,
    address,
    instanceId,
    health: healthMessages[health],
    reason,
    since: new Date(sinceMs),
    lastAnswerAt: lastAnswerAtMs === undefined ? undefined : new Date(lastAnswerAtMs),
    version,
    residentMemoryBytes,
  };
}
