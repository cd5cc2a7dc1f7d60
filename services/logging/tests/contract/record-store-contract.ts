import { describe } from 'vitest';
import { erasureContract } from './erasure-contract.ts';
import { eventContract } from './event-contract.ts';
import type { OpenRecordStore } from './fixture.ts';
import { letterContract } from './letter-contract.ts';
import { retentionContract } from './retention-contract.ts';

/** What every adapter of the RecordStore port does. */
export function recordStoreContract(name: string, open: OpenRecordStore): void {
  describe(`a record store: ${name}`, () => {
    eventContract(open);
    letterContract(open);
    erasureContract(open);
    retentionContract(open);
  });
}
