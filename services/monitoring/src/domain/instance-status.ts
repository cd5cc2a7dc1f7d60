/** How an instance of the fleet is, as seen from here. */
export const instanceHealths = ['unknown', 'ready', 'not_ready', 'unresponsive', 'down'] as const;

export type InstanceHealth = (typeof instanceHealths)[number];

/** Where an instance is expected. */
export interface Target {
  /** gateway, dialogue, model, logging or monitoring. */
  readonly service: string;
  /** `host:port` of its gRPC server. */
  readonly address: string;
}

export interface InstanceStatus extends Target {
  readonly health: InstanceHealth;
  /** Why it is not ready; "" when it is. */
  readonly reason: string;
  /** When it took on this health or this instance id. */
  readonly sinceMs: number;
  /** A new value after every restart; "" until it has answered once. */
  readonly instanceId: string;
  readonly version: string;
  readonly residentMemoryBytes: number;
  /** Undefined until it has answered once. */
  readonly lastAnswerAtMs?: number;
}

export interface FleetStatus {
  readonly observedAtMs: number;
  /** In the order of the targets. */
  readonly instances: readonly InstanceStatus[];
}
