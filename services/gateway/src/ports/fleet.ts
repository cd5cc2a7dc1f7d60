import type { Call } from './call.ts';

/** One process of the fleet, as monitoring sees it. */
export interface FleetInstance {
  readonly service: string;
  readonly address: string;
  readonly instanceId: string;
  readonly health: 'unknown' | 'ready' | 'not_ready' | 'unresponsive' | 'down';
  /** Why it is not ready; '' otherwise. */
  readonly reason: string;
  readonly sinceMs: number | undefined;
  readonly lastAnswerAtMs: number | undefined;
  readonly version: string;
  readonly residentMemoryBytes: number;
}

/** What the fleet looks like now. */
export interface Fleet {
  /** @throws ParleyError `unavailable` when monitoring does not answer */
  status(call: Call): Promise<{ observedAtMs: number; instances: readonly FleetInstance[] }>;
}
