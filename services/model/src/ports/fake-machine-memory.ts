import type { MachineMemory } from './machine-memory.ts';

/** A machine with as much memory as a test says. */
export class FakeMachineMemory implements MachineMemory {
  bytes: () => number = () => Number.MAX_SAFE_INTEGER;

  availableBytes(): Promise<number> {
    return Promise.resolve(this.bytes());
  }
}
