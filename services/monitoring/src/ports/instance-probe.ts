import type { Target } from '../domain/instance-status.ts';
import type { Observation } from '../domain/observation.ts';

/** Asks an instance to describe itself. */
export interface InstanceProbe extends AsyncDisposable {
  /** One question, with a time limit of its own; never rejects, whatever the other side does. */
  ask(target: Target, signal: AbortSignal): Promise<Observation>;
  /** Nobody asks about this target any more. */
  forget(target: Target): void;
}
