import { userEventTypes } from '@parley/contracts';
import { cacheScopeOf, opaqueScope } from '@parley/kernel';
import type { EventRecord } from '@parley/events/ports';
import { ErasedScopes, openSqliteState } from '@parley/state';
import { describe, expect, it } from 'vitest';
import { EventLogErasureFacts } from './event-log-erasure-facts.ts';

describe('the erasure of a user', () => {
  it('is an event, and an order to the models that names nobody', async () => {
    await using state = openSqliteState(':memory:');
    const clock = { now: () => 1_000_000 };
    const published: EventRecord[] = [];
    const log = {
      append: (records: readonly EventRecord[]) => {
        published.push(...records);
        return Promise.resolve();
      },
    };
    const facts = new EventLogErasureFacts(log, () => Promise.resolve(state), clock, '/parley/logging/1');
    const id = await facts.erased('acme', 'ada');
    expect(published).toMatchObject([{ id, type: userEventTypes.erased, sequence: 0 }]);
    const scope = opaqueScope(cacheScopeOf({ tenant: 'acme', endUser: 'ada' }));
    expect(await new ErasedScopes(state.control, clock).read()).toEqual([
      { tenant: 'acme', scope, erasedAtMs: 1_000_000 },
    ]);
  });
});
