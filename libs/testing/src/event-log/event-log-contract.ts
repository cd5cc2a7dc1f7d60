import { describe } from 'vitest';
import type { OpenEventLog } from './fixture.ts';
import { appendContract } from './append-contract.ts';
import { failureContract } from './failure-contract.ts';
import { groupContract } from './group-contract.ts';
import { readContract } from './read-contract.ts';
import { subscriptionContract } from './subscription-contract.ts';

/**
 * What every EventLog must do, whatever keeps the events. Call it in a test file, once per adapter; each test opens
 * storage of its own.
 */
export function eventLogContract(name: string, open: OpenEventLog): void {
  describe(`event log contract: ${name}`, () => {
    appendContract(open);
    readContract(open);
    subscriptionContract(open);
    failureContract(open);
    groupContract(open);
  });
}
