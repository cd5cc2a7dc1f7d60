import { describe, expect, it } from 'vitest';
import { turnEventTypes } from '@parley/contracts';
import { ParleyError } from '@parley/kernel';
import { eventually } from '@parley/testing';
import { TestDialogue, awake, bound, openWorld, silent } from '../../../tests/support/test-dialogue.ts';
import type { TurnEventEncoder } from '../../ports/turn-event-encoder.ts';
import { ProtoTurnEventEncoder } from '../../adapters/outbound/proto-turn-event-encoder.ts';
import type { World } from '../../../tests/support/test-dialogue.ts';

/** Two instances; the first is silent for longer than it may be, the second is alive. */
async function withSilentOwner(
  world: World,
): Promise<{ owner: TestDialogue; other: TestDialogue; pass: () => Promise<void> }> {
  const owner = await TestDialogue.launch({ world, instanceId: 'owner', settings: silent });
  const other = await TestDialogue.launch({ world, instanceId: 'other', settings: awake });
  return {
    owner,
    other,
    pass: async () => {
      world.clock.advance(10_001);
      await other.dialogue.owner.renew();
    },
  };
}

describe('the turns of a dead owner', () => {
  it('end incomplete with the text of the log and the next number', async () => {
    await using world = openWorld();
    const { owner, other, pass } = await withSilentOwner(world);
    owner.model.answer = (generation) => generation.started().says('Half an');
    const reading = owner.say('Hi');
    await reading.until('text_delta');
    const id = await reading.id();
    const lastSeen = reading.sequences.at(-1) ?? -1;
    await pass();
    await other.dialogue.sweep.round();

    const attached = other.attach(id, lastSeen);
    const turn = await attached.ended();
    expect(turn).toMatchObject({ status: 'incomplete', incompleteReason: 'owner_lost' });
    expect(turn.output).toMatchObject([{ status: 'incomplete', content: [{ text: 'Half an' }] }]);
    expect(attached.sequences[0]).toBe(lastSeen + 1);
    expect(attached.types).toEqual(['text_done', 'part_done', 'item_done', 'turn_ended']);
    expect(other.watch.told).toContain('orphans ended 1');
    await owner.drain();
    await other.drain();
  });

  it('have exactly one terminal event, even when the owner comes back', async () => {
    await using world = openWorld();
    const { owner, other, pass } = await withSilentOwner(world);
    owner.model.answer = (generation) => generation.started().says('Half an');
    const reading = owner.say('Hi');
    await reading.until('text_delta');
    const id = await reading.id();
    await pass();
    await other.dialogue.sweep.round();
    (await owner.model.generation(0)).says(' answer').finishes();

    expect(await reading.ended()).toMatchObject({ status: 'incomplete', incompleteReason: 'owner_lost' });
    expect(reading.text).toBe('Half an');
    expect(reading.sequences).toEqual(reading.entries.map((_, index) => index));
    await eventually(async () => {
      const types = (await other.published(id)).map(({ type }) => type);
      expect(types).toEqual([turnEventTypes.accepted, turnEventTypes.incomplete]);
    });
    await owner.drain();
    await other.drain();
    expect(await other.published(id)).toHaveLength(2);
  });

  it('that were not stored end without text', async () => {
    await using world = openWorld();
    const { owner, other, pass } = await withSilentOwner(world);
    owner.model.answer = (generation) => generation.started().says('Half an');
    const reading = owner.say('My secret', { store: false });
    await reading.until('text_delta');
    const id = await reading.id();
    await pass();
    await other.dialogue.sweep.round();
    const row = await world.state.turns.get(id);
    expect(row).toMatchObject({ ended: true, owner: 'other' });
    expect(row?.document).not.toMatch(/Half an|My secret/);
    await eventually(async () => {
      expect((await other.published(id)).map(({ type }) => type)).toContain(turnEventTypes.incomplete);
    });
    await owner.drain();
    await other.drain();
  });

  it('are left alone while the owner lives', async () => {
    await using world = openWorld();
    const { owner, other } = await withSilentOwner(world);
    owner.model.answer = (generation) => generation.started();
    const reading = owner.say('Hi');
    await reading.until('turn_started');
    await other.dialogue.sweep.round();
    (await owner.model.generation(0)).says('Done').finishes();
    expect(await reading.ended()).toMatchObject({ status: 'completed' });
    await owner.drain();
    await other.drain();
  });

  it('are not ended by the owner itself when it was stopped for a while', async () => {
    await using world = openWorld();
    await using owner = await TestDialogue.launch({ world, settings: silent });
    owner.model.answer = (generation) => generation.started();
    const reading = owner.say('Hi');
    await reading.until('turn_started');
    world.clock.advance(10_001);
    await owner.dialogue.sweep.round();
    await owner.dialogue.owner.renew();
    (await owner.model.generation(0)).says('Still here').finishes();
    expect(await reading.ended()).toMatchObject({ status: 'completed' });
  });

  it('are ended once when two instances find them at once', async () => {
    await using world = openWorld();
    const { owner, other, pass } = await withSilentOwner(world);
    await using third = await TestDialogue.launch({ world, instanceId: 'third', settings: awake });
    owner.model.answer = (generation) => generation.started();
    const ids = await Promise.all(Array.from({ length: 20 }, () => owner.say('Hi').id()));
    await pass();
    await third.dialogue.owner.renew();
    await Promise.all([other.dialogue.sweep.round(), third.dialogue.sweep.round()]);
    for (const id of ids) expect((await world.state.turns.get(id))?.ended).toBe(true);
    await eventually(async () => {
      const published = await Promise.all(ids.map((id) => other.published(id)));
      expect(published.map((records) => records.length)).toEqual(ids.map(() => 2));
    });
    await owner.drain();
    await other.drain();
  });

  it('are ended in the next round when the commit failed in this one', async () => {
    await using world = openWorld();
    const owner = await TestDialogue.launch({ world, instanceId: 'owner', settings: silent });
    let down = true;
    const { turns } = world.state;
    const commit: typeof turns.commit = (...args) =>
      down ? Promise.reject(new ParleyError('unavailable', 'Disk full.')) : turns.commit(...args);
    const failing = { ...world.state, turns: bound(turns, { commit }) };
    const other = await TestDialogue.launch({ world, instanceId: 'other', ports: { state: failing } });
    owner.model.answer = (generation) => generation.started();
    const id = await owner.say('Hi').id();
    world.clock.advance(10_001);
    await other.dialogue.owner.renew();
    await other.dialogue.sweep.round();
    expect(await world.state.turns.get(id)).toMatchObject({ ended: false, owner: 'other' });
    down = false;
    await other.dialogue.sweep.round();
    expect(await world.state.turns.get(id)).toMatchObject({ ended: true });
    await owner.drain();
    await other.drain();
  });
});

describe('a turn that its own instance cannot end', () => {
  it('is given up by it and ended by the next sweep, with the text of the log', async () => {
    let faults = 1;
    const encoder = new ProtoTurnEventEncoder();
    const faulty = bound<TurnEventEncoder>(encoder, {
      ended: (document) => {
        if (faults-- > 0) throw new Error('a fault of ours');
        return encoder.ended(document);
      },
    });
    await using fleet = await TestDialogue.launch({ ports: { encoder: faulty } });
    fleet.model.answer = (generation) => generation.started().says('Half an');
    const reading = fleet.say('Hi');
    const id = await reading.id();
    await reading.until('text_delta');
    (await fleet.model.generation(0)).says(' answer').finishes();
    await eventually(async () => {
      expect((await fleet.world.state.turns.get(id))?.owner).not.toBe('dialogue-1');
    });
    await eventually(async () => {
      await fleet.dialogue.sweep.round();
      expect((await fleet.world.state.turns.get(id))?.ended).toBe(true);
    });
    const turn = await reading.ended();
    expect(turn).toMatchObject({ status: 'incomplete', incompleteReason: 'owner_lost' });
    expect(turn.output).toMatchObject([{ content: [{ text: reading.text }] }]);
    expect(await fleet.published(id)).toHaveLength(2);
  });
});
