import { describe, expect, it } from 'vitest';
import { turnEventTypes } from '@parley/contracts';
import { ParleyError } from '@parley/kernel';
import type { TurnStore } from '@parley/state/ports';
import { eventually } from '@parley/testing';
import { TestDialogue, awake, bound, openWorld } from '../../../tests/support/test-dialogue.ts';
import type { World } from '../../../tests/support/test-dialogue.ts';

/** An instance on a store that takes the first turn and fails to say so, and the ids of the turns it took. */
async function losingTheAnswer(world: World): Promise<{ fleet: TestDialogue; taken: string[] }> {
  const { turns } = world.state;
  const taken: string[] = [];
  const accept: TurnStore['accept'] = async (turn, ...rest) => {
    const fence = await turns.accept(turn, ...rest);
    if (taken.push(turn.id) === 1) throw new ParleyError('unavailable', 'The connection broke.');
    return fence;
  };
  const state = { ...world.state, turns: bound(turns, { accept }) };
  return { fleet: await TestDialogue.launch({ world, settings: awake, ports: { state } }), taken };
}

describe('a turn that was accepted without an answer', () => {
  it.each([
    ['stored', true],
    ['unstored', false],
  ])('is an error to its caller and ends once, if %s', async (_name, store) => {
    await using world = openWorld();
    const { fleet, taken } = await losingTheAnswer(world);
    expect(await fleet.say('Hi', { store }).over()).toMatchObject({ code: 'unavailable' });
    const [id = ''] = taken;
    world.clock.advance(20_001);
    await fleet.dialogue.owner.renew();
    await fleet.dialogue.sweep.round();
    expect(await world.state.turns.get(id)).toMatchObject({ ended: false, owner: 'dialogue-1' });
    await fleet.dialogue.lost.round();
    expect(await world.state.turns.get(id)).toMatchObject({ ended: true });
    expect(fleet.watch.told).toContain('lost turns ended 1');
    await fleet.dialogue.lost.round();
    await eventually(async () => {
      const types = (await fleet.published(id)).map(({ type }) => type);
      expect(types).toEqual([turnEventTypes.accepted, turnEventTypes.incomplete]);
    });
    await fleet.drain();
    expect(await fleet.published(id)).toHaveLength(2);
  });

  it('is left alone as long as the answer may still come, and so are turns that run', async () => {
    await using world = openWorld();
    const { fleet, taken } = await losingTheAnswer(world);
    await fleet.say('Hi').over();
    await fleet.dialogue.lost.round();
    expect(await world.state.turns.get(taken[0] ?? '')).toMatchObject({ ended: false });
    fleet.model.answer = (generation) => generation.started();
    const running = fleet.say('Hi');
    await running.until('turn_started');
    world.clock.advance(8_000);
    await fleet.dialogue.lost.round();
    (await fleet.model.generation(0)).says('Done').finishes();
    expect(await running.ended()).toMatchObject({ status: 'completed' });
    await fleet.drain();
  });
});
