import { describe, expect, it } from 'vitest';
import { turnEventTypes } from '@parley/contracts';
import { ParleyError } from '@parley/kernel';
import { openSqliteEventLog } from '@parley/events';
import { eventually } from '@parley/testing';
import { flushableState } from '../../../tests/support/flushable-state.ts';
import type { FlushableState } from '../../../tests/support/flushable-state.ts';
import { TestClock } from '../../../tests/support/test-clock.ts';
import { TestDialogue, awake, silent } from '../../../tests/support/test-dialogue.ts';
import type { World } from '../../../tests/support/test-dialogue.ts';
import { FakeTurnRecord } from '../../ports/fake-turn-record.ts';

function openWorld(): { world: World; flush: FlushableState['flush'] } {
  const clock = new TestClock();
  const { state, flush } = flushableState(clock);
  const events = openSqliteEventLog(':memory:', { clock });
  const close = async (): Promise<void> => {
    await events[Symbol.asyncDispose]();
    await state[Symbol.asyncDispose]();
  };
  return { world: { state, events, clock, [Symbol.asyncDispose]: close }, flush };
}

describe('a turn that runs while the store loses everything', () => {
  it.each([
    ['stored', true],
    ['unstored', false],
  ])('goes on to its one end, if %s', async (_name, store) => {
    const { world, flush } = openWorld();
    await using _world = world;
    const fleet = await TestDialogue.launch({ world, settings: awake });
    fleet.model.answer = (generation) => generation.started().says('Half an');
    const reading = fleet.say('Hi', { store });
    await reading.until('text_delta');
    const id = await reading.id();
    flush();
    (await fleet.model.generation(0)).says(' answer.').finishes();
    expect(await reading.ended()).toMatchObject({ status: 'completed' });
    expect(reading.text).toBe('Half an answer.');
    expect(reading.sequences).toEqual(reading.entries.map((_, index) => index));
    expect(fleet.watch.told).toContain(`rebuilt ${id}`);
    await eventually(async () => {
      const events = await fleet.published(id);
      expect(events.map(({ type, sequence }) => [type, sequence])).toEqual([
        [turnEventTypes.accepted, 0],
        [turnEventTypes.completed, 1],
      ]);
    });
    if (store) {
      expect((await fleet.dialogue.turns.findStored(id, 'acme')).document.turn.status).toBe('completed');
      expect(fleet.attach(id).types).toEqual([]);
      const again = fleet.attach(id);
      await again.ended();
      expect(again.text).toBe('Half an answer.');
    }
    await fleet.drain();
  });

  it('is found by other instances before it has written again, and is nobody else to end', async () => {
    const { world, flush } = openWorld();
    await using _world = world;
    const owner = await TestDialogue.launch({ world, instanceId: 'owner', settings: silent });
    const other = await TestDialogue.launch({ world, instanceId: 'other', settings: awake });
    owner.model.answer = (generation) => generation.started();
    const reading = owner.say('Hi');
    await reading.until('turn_started');
    const id = await reading.id();
    await owner.dialogue.lost.round();
    world.clock.advance(9_000);
    await owner.dialogue.owner.renew();
    world.clock.advance(9_000);
    await owner.dialogue.owner.renew();
    world.clock.advance(9_000);
    flush();
    await owner.dialogue.lost.round();
    expect(await world.state.turns.get(id)).toMatchObject({ owner: 'owner', ended: false });
    await other.dialogue.sweep.round();
    const attached = other.attach(id);
    await attached.until('turn_started');
    (await owner.model.generation(0)).says('Done').finishes();
    expect(await attached.ended()).toMatchObject({ status: 'completed' });
    expect(await reading.ended()).toMatchObject({ status: 'completed' });
    await owner.drain();
    await other.drain();
  });
});

describe('a turn that had ended when the store lost everything', () => {
  it('comes back from the record with the first question for it, and a turn can follow it', async () => {
    const { world, flush } = openWorld();
    await using _world = world;
    const record = new FakeTurnRecord();
    const fleet = await TestDialogue.launch({ world, settings: awake, ports: { record } });
    const first = await fleet.say('My name is Ada.').ended();
    const { document } = await fleet.dialogue.turns.findStored(first.id, 'acme');
    record.documents.set(first.id, document);
    expect(record.asked).toEqual([]);
    flush();
    await fleet.dialogue.owner.renew();
    const second = await fleet.say('And who am I?', { previousTurnId: first.id }).ended();
    expect(second).toMatchObject({ status: 'completed' });
    const { prompt } = await fleet.model.generation(1);
    expect(JSON.stringify(prompt)).toContain('My name is Ada.');
    expect((await fleet.dialogue.turns.findStored(first.id, 'acme')).document.turn).toEqual(first);
    expect(record.asked).toEqual([first.id]);
    expect(await fleet.attach(first.id).over()).toMatchObject({ code: 'stream_expired' });
    await fleet.drain();
  });

  it('stays away when its time is over, and for another tenant', async () => {
    const { world, flush } = openWorld();
    await using _world = world;
    const record = new FakeTurnRecord();
    const fleet = await TestDialogue.launch({ world, settings: awake, ports: { record } });
    const { id } = await fleet.say('Hi').ended();
    record.documents.set(id, (await fleet.dialogue.turns.findStored(id, 'acme')).document);
    flush();
    const gone = { code: 'not_found' };
    await expect(fleet.dialogue.turns.findStored(id, 'other')).rejects.toMatchObject(gone);
    world.clock.advance(31 * 24 * 3_600_000);
    await expect(fleet.dialogue.turns.findStored(id, 'acme')).rejects.toMatchObject(gone);
    await fleet.drain();
  });

  it('cannot be told from one that never was while the record does not answer', async () => {
    const record = new FakeTurnRecord();
    record.failure = new ParleyError('unavailable', 'The record does not answer.');
    await using fleet = await TestDialogue.launch({ ports: { record } });
    const asked = fleet.dialogue.turns.findStored('resp_7_none', 'acme');
    await expect(asked).rejects.toMatchObject({ code: 'unavailable' });
  });
});
