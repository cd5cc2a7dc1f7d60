import { expect, test } from 'vitest';
import { eventually } from '../eventually.ts';
import { twoClients } from './fixture.ts';
import type { OpenStateStore } from './fixture.ts';

/** Long enough never to end within a test. */
const longMs = 600_000;

/** Who is there in a group, and what each says about itself. */
export function memberContract(open: OpenStateStore): void {
  test('whoever announces itself is told who is there, with their last words', async () => {
    await using fixture = await open();
    const [store, other] = await twoClients(fixture);
    expect(await store.members.announce('models', { name: 'b', body: 'one' }, longMs)).toEqual([
      { name: 'b', body: 'one' },
    ]);
    await other.members.announce('models', { name: 'a', body: '{"x":"a:b\\nc"}' }, longMs);
    expect(await store.members.announce('models', { name: 'b', body: 'two' }, longMs)).toEqual([
      { name: 'a', body: '{"x":"a:b\\nc"}' },
      { name: 'b', body: 'two' },
    ]);
    expect(await other.members.list('others')).toEqual([]);
  });

  test('whose time is over is gone, and so is who leaves', async () => {
    await using fixture = await open();
    const [store, other] = await twoClients(fixture);
    await store.members.announce('models', { name: 'living', body: '' }, longMs);
    await store.members.announce('models', { name: 'mortal', body: '' }, 1_000);
    expect(await other.members.list('models')).toHaveLength(2);
    await eventually(async () => {
      expect(await other.members.list('models')).toEqual([{ name: 'living', body: '' }]);
    });
    expect(await store.members.announce('models', { name: 'new', body: '' }, longMs)).toHaveLength(2);
    await store.members.leave('models', 'living');
    await store.members.leave('models', 'nobody');
    expect(await other.members.list('models')).toEqual([{ name: 'new', body: '' }]);
  });
}
