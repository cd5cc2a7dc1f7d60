import { describe, expect, it } from 'vitest';
import { TestDialogue, openWorld } from '../../../tests/support/test-dialogue.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

describe('retention', () => {
  it('removes logs and unstored turns after 10 minutes, stored turns after 30 days, running ones never', async () => {
    await using world = openWorld();
    await using fleet = await TestDialogue.launch({ world });
    const stored = await fleet.say('Hi').ended();
    const unstored = await fleet.say('Hi', { store: false }).ended();
    fleet.model.answer = (generation) => generation.started();
    const running = await fleet.say('Hi').id();
    const there = async (): Promise<boolean[]> => {
      await fleet.dialogue.retention.round();
      const rows = await Promise.all(
        [stored.id, unstored.id, running].map((id) => world.state.turns.get(id)),
      );
      const log = await world.state.turnLogs.read(stored.id, -1, 1);
      return [...rows.map((row) => row !== undefined), log.entries.length > 0];
    };
    expect(await there()).toEqual([true, true, true, true]);
    world.clock.advance(11 * minute);
    expect(await there()).toEqual([true, false, true, false]);
    world.clock.advance(29 * day);
    expect(await there()).toEqual([true, false, true, false]);
    world.clock.advance(day);
    expect(await there()).toEqual([false, false, true, false]);
  });
});
