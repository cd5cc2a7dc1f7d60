import type { Target } from '../domain/instance-status.ts';
import type { Observation } from '../domain/observation.ts';
import type { InstanceProbe } from './instance-probe.ts';

/** Answers what the test put there; an address nothing was put for is refused. */
export class FakeInstanceProbe implements InstanceProbe {
  readonly answers = new Map<string, Observation>();

  ask({ address }: Target): Promise<Observation> {
    return Promise.resolve(this.answers.get(address) ?? { kind: 'refused', reason: 'Connection refused.' });
  }

  forget({ address }: Target): void {
    this.answers.delete(address);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
