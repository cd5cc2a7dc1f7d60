/**
 * A dialogue process in small: runs turns on the store given until it has done as many as asked for (0 = for ever),
 * several at once, and tells its parent about each step that the store has acknowledged.
 * Arguments: path, owner, number of turns, turns at once.
 */
import { newPublicId, newUuid } from '@parley/kernel';
import { openSqliteState } from '../../src/open-sqlite-state.ts';
import type { OutboxEvent } from '../../src/ports.ts';

const [path = '', owner = '', turns = '0', atOnce = '8'] = process.argv.slice(2);
const store = openSqliteState(path);

/** All processes write events of this one key beside those of their turns, so that they compete for its numbers. */
const sharedKey = 'shared';

function event(key: string, data: string): OutboxEvent {
  const common = { type: 'test', topic: 'test', subject: key, tenant: 'acme', occurredAtMs: Date.now() };
  return { ...common, id: newUuid(), key, data };
}

async function runTurn(): Promise<void> {
  const id = newPublicId('resp');
  const accepted = { id, tenant: 'acme', stored: true, owner, document: 'accepted', createdAtMs: Date.now() };
  const fence = await store.turns.accept(
    accepted,
    [{ sequence: 0, body: '0' }],
    [event(id, 'accepted'), event(sharedKey, id)],
  );
  process.send?.({ id, step: 'accepted' });
  await store.turnLogs.append(
    id,
    fence,
    [1, 2].map((sequence) => ({ sequence, body: `${sequence}` })),
  );
  process.send?.({ id, step: 'appended' });
  const entries = [3, 4].map((sequence) => ({ sequence, body: `${sequence}` }));
  const events = [event(id, 'ended'), event(sharedKey, id)];
  await store.turns.commit(id, fence, { document: 'ended', endedAtMs: Date.now(), entries, events });
  process.send?.({ id, step: 'ended' });
}

let left = turns === '0' ? Infinity : Number(turns);
await store.owners.renew(owner, 60_000);
await Promise.all(
  Array.from({ length: Number(atOnce) }, async () => {
    while (left-- > 0) await runTurn();
  }),
);
await store[Symbol.asyncDispose]();
process.disconnect();
