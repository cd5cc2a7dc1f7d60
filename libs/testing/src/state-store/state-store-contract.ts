import { describe } from 'vitest';
import { controlContract } from './control-contract.ts';
import type { OpenStateStore } from './fixture.ts';
import { idempotencyContract } from './idempotency-contract.ts';
import { jobContract } from './job-contract.ts';
import { jobRunContract } from './job-run-contract.ts';
import { leaseContract } from './lease-contract.ts';
import { memberContract } from './member-contract.ts';
import { outboxBoundsContract } from './outbox-bounds-contract.ts';
import { outboxContract } from './outbox-contract.ts';
import { ownerContract } from './owner-contract.ts';
import { rebuildContract } from './rebuild-contract.ts';
import { sequenceContract } from './sequence-contract.ts';
import { turnEndContract } from './turn-end-contract.ts';
import { turnLogContract } from './turn-log-contract.ts';
import { turnExpiryContract } from './turn-expiry-contract.ts';
import { turnStartContract } from './turn-start-contract.ts';

/**
 * What every StateStore must do, whatever keeps the state. Call it in a test file, once per adapter; each test opens
 * storage of its own.
 */
export function stateStoreContract(name: string, open: OpenStateStore): void {
  describe(`state store contract: ${name}`, () => {
    turnStartContract(open);
    turnEndContract(open);
    turnLogContract(open);
    turnExpiryContract(open);
    ownerContract(open);
    leaseContract(open);
    memberContract(open);
    outboxContract(open);
    outboxBoundsContract(open);
    sequenceContract(open);
    controlContract(open);
    rebuildContract(open);
    idempotencyContract(open);
    jobContract(open);
    jobRunContract(open);
  });
}
