import { assertNever } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { FleetStatus, InstanceStatus, Target } from './instance-status.ts';
import type { Description, Observation } from './observation.ts';

/** What changed about an instance; told to whoever watches. */
export interface InstanceChange {
  readonly before: InstanceStatus;
  readonly after: InstanceStatus;
  /** Whether another process answers at the address now. */
  readonly restarted: boolean;
}

/** The state of every instance, moved on by observations only. */
export class FleetView {
  readonly #clock: Clock;
  readonly #instances = new Map<string, InstanceStatus>();

  constructor(targets: readonly Target[], clock: Clock) {
    this.#clock = clock;
    for (const target of targets) this.track(target);
  }

  /** A target that has come; one that is there already stays as it is. */
  track({ service, address }: Target): void {
    const key = keyOf({ service, address });
    if (this.#instances.has(key)) return;
    const neverSeen = { instanceId: '', version: '', residentMemoryBytes: 0 };
    const reason = 'Not asked yet.';
    const sinceMs = this.#clock.now();
    this.#instances.set(key, { service, address, health: 'unknown', reason, sinceMs, ...neverSeen });
  }

  /** A target that has gone: nobody names its address any more. */
  drop(target: Target): void {
    this.#instances.delete(keyOf(target));
  }

  /**
   * Takes in what was seen of a target. Answers with the change when its health, reason, instance id or version is
   * another one now; memory and the time of the last answer alone are no change.
   */
  observe(target: Target, observation: Observation): InstanceChange | undefined {
    const before = this.#instances.get(keyOf(target));
    if (before === undefined) return undefined;
    const next = this.#next(before, observation);
    const restarted = before.instanceId !== '' && next.instanceId !== before.instanceId;
    const turned = next.health !== before.health || next.instanceId !== before.instanceId;
    const after = turned ? { ...next, sinceMs: this.#clock.now() } : next;
    this.#instances.set(keyOf(target), after);
    const changed = turned || after.reason !== before.reason || after.version !== before.version;
    return changed ? { before, after, restarted } : undefined;
  }

  status(): FleetStatus {
    return { observedAtMs: this.#clock.now(), instances: [...this.#instances.values()] };
  }

  #next(before: InstanceStatus, observation: Observation): InstanceStatus {
    switch (observation.kind) {
      case 'answered':
        return this.#answered(before, observation.description);
      case 'silent':
        return { ...before, health: 'unresponsive', reason: observation.reason };
      case 'faulty':
        return { ...before, health: 'not_ready', reason: observation.reason };
      case 'refused':
        return { ...before, health: 'down', reason: observation.reason };
      default:
        return assertNever(observation);
    }
  }

  #answered(before: InstanceStatus, description: Description): InstanceStatus {
    const { instanceId, version, residentMemoryBytes } = description;
    const said = { instanceId, version, residentMemoryBytes, lastAnswerAtMs: this.#clock.now() };
    if (description.service !== before.service) {
      const reason = `A ${description.service} service answers at this address.`;
      return { ...before, ...said, health: 'not_ready', reason };
    }
    if (description.ready) return { ...before, ...said, health: 'ready', reason: '' };
    return { ...before, ...said, health: 'not_ready', reason: failingChecks(description) };
  }
}

function failingChecks({ checks }: Description): string {
  const failing = checks
    .filter((check) => !check.ok)
    .map(({ name, reason }) => (reason === '' ? name : `${name}: ${reason}`));
  return failing.length === 0 ? 'It says that it is not ready, without a reason.' : failing.join('; ');
}

function keyOf({ service, address }: Target): string {
  return `${service} ${address}`;
}
