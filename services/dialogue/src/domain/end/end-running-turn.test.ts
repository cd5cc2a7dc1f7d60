import { describe, expect, it } from 'vitest';
import { turnEventTypes } from '@parley/contracts';
import { ParleyError } from '@parley/kernel';
import type { StateStore, TurnLogStore, TurnStore } from '@parley/state/ports';
import { eventually } from '@parley/testing';
import { TestDialogue, bound, openWorld } from '../../../tests/support/test-dialogue.ts';

/** A store that does the first commit and then fails to say so; `get` fails that often after it. */
function losingTheAnswer(state: StateStore, failingGets = 0): StateStore {
  const { turns } = state;
  let answered = false;
  let gets = failingGets;
  const unavailable = new ParleyError('unavailable', 'The connection broke.');
  const commit: TurnStore['commit'] = async (...args) => {
    await turns.commit(...args);
    if (answered) return;
    answered = true;
    throw unavailable;
  };
  const get: TurnStore['get'] = (id) =>
    answered && gets-- > 0 ? Promise.reject(unavailable) : turns.get(id);
  return { ...state, turns: bound(turns, { commit, get }) };
}

describe('a commit that was done and not answered', () => {
  it.each([
    ['stored', true, 0],
    ['unstored', false, 0],
    ['stored, on a store that fails once more,', true, 1],
  ])('ends a %s turn for those who read it', async (_name, store, failingGets) => {
    await using world = openWorld();
    const ports = { state: losingTheAnswer(world.state, failingGets) };
    await using fleet = await TestDialogue.launch({ world, ports });
    fleet.model.answer = (generation) => generation.started().says('All of it').finishes();
    const reading = fleet.say('Hi', { store });
    const turn = await reading.ended();
    expect(turn).toMatchObject({ status: 'completed', output: [{ content: [{ text: 'All of it' }] }] });
    expect(reading.sequences).toEqual(reading.entries.map((_, index) => index));
    expect(fleet.watch.told).toContain(`ended ${turn.id} completed`);
    expect(fleet.watch.told).not.toContain(`moved ${turn.id}`);
    await eventually(async () => {
      const types = (await fleet.published(turn.id)).map(({ type }) => type);
      expect(types).toEqual([turnEventTypes.accepted, turnEventTypes.completed]);
    });
  });
});

describe('log entries that were written without an answer', () => {
  it.each([
    ['more entries follow them', true],
    ['the turn ends next', false],
  ])('are there once when %s', async (_name, more) => {
    await using world = openWorld();
    const { turnLogs } = world.state;
    let written = 0;
    const append: TurnLogStore['append'] = async (...args) => {
      await turnLogs.append(...args);
      if (++written === 2) throw new ParleyError('unavailable', 'The connection broke.');
    };
    const state = { ...world.state, turnLogs: bound(turnLogs, { append }) };
    await using fleet = await TestDialogue.launch({ world, ports: { state } });
    fleet.model.answer = (generation) => generation.started().says('One');
    const reading = fleet.say('Hi');
    const id = await reading.id();
    const generation = await fleet.model.generation(0);
    await eventually(() => {
      expect(fleet.watch.told).toContain(`write failed ${id}`);
    });
    if (more) {
      generation.says(' two');
      await eventually(() => {
        expect(reading.text).toBe('One two');
      });
    }
    generation.finishes();
    const turn = await reading.ended();
    expect(turn).toMatchObject({ status: 'completed', output: [{ content: [{ text: reading.text }] }] });
    expect(reading.sequences).toEqual(reading.entries.map((_, index) => index));
    expect(fleet.watch.told.filter((line) => line.startsWith('write failed'))).toHaveLength(1);
    await expect(fleet.attach(id).ended()).resolves.toEqual(turn);
  });
});
