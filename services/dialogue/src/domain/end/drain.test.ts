import { describe, expect, it } from 'vitest';
import { eventually } from '@parley/testing';
import { TestDialogue, bound, openWorld } from '../../../tests/support/test-dialogue.ts';

describe('draining an instance', () => {
  it('refuses new turns and lets running ones end', async () => {
    await using world = openWorld();
    const fleet = await TestDialogue.launch({ world });
    fleet.model.answer = (generation) => generation.started().says('Almost');
    const reading = fleet.say('Hi');
    await reading.until('text_delta');
    const drained = fleet.drain();
    expect(await fleet.say('Too late').over()).toMatchObject({ code: 'unavailable', retryable: true });
    (await fleet.model.generation(0)).says(' done').finishes();
    await drained;
    expect(await reading.ended()).toMatchObject({ status: 'completed' });
    expect(reading.text).toBe('Almost done');
  });

  it('ends what is left with its text, and publishes it', async () => {
    await using world = openWorld();
    const fleet = await TestDialogue.launch({ world, settings: { drainMs: 20 } });
    fleet.model.answer = (generation) => generation.started().says('Almost');
    const reading = fleet.say('Hi');
    await reading.until('text_delta');
    await fleet.drain();
    const turn = await reading.ended();
    expect(turn).toMatchObject({ status: 'incomplete', incompleteReason: 'owner_lost' });
    expect(turn.output[0]?.content).toEqual([{ type: 'text', text: 'Almost' }]);
    expect((await fleet.published(turn.id)).map(({ type }) => type)).toContain('parley.turn.incomplete.v1');
    expect((await world.state.outbox.stats()).count).toBe(0);
  });

  it('gives its leases to the next instance at once', async () => {
    await using world = openWorld();
    const first = await TestDialogue.launch({ world, instanceId: 'first' });
    await first.drain();
    await using second = await TestDialogue.launch({ world, instanceId: 'second' });
    const turn = await second.say('Hi').ended();
    expect(await second.published(turn.id)).toHaveLength(2);
  });

  it('tells those who read the turn of another instance to attach again', async () => {
    await using world = openWorld();
    await using owner = await TestDialogue.launch({ world, instanceId: 'owner' });
    const other = await TestDialogue.launch({ world, instanceId: 'other' });
    owner.model.answer = (generation) => generation.started();
    const attached = other.attach(await owner.say('Hi').id());
    await attached.until('turn_started');
    await other.drain();
    expect(await attached.over()).toMatchObject({ code: 'unavailable', retryable: true });
  });

  it('leaves a turn that cannot be committed to the next instance', async () => {
    await using world = openWorld();
    const { turns } = world.state;
    const commit = (): Promise<void> => Promise.reject(new Error('Disk full.'));
    const broken = { ...world.state, turns: bound(turns, { commit }) };
    const fleet = await TestDialogue.launch({
      world,
      instanceId: 'first',
      ports: { state: broken },
      settings: { drainMs: 20 },
    });
    const reading = fleet.say('Hi');
    const id = await reading.id();
    await eventually(() => expect(fleet.watch.told).toContain(`write failed ${id}`));
    await fleet.drain();
    await using second = await TestDialogue.launch({ world, instanceId: 'second' });
    const { document } = await eventually(async () => {
      const known = await second.dialogue.turns.find(id, 'acme');
      expect(known.row.ended).toBe(true);
      return known;
    });
    expect(document.turn).toMatchObject({ status: 'incomplete', incompleteReason: 'owner_lost' });
  });
});
