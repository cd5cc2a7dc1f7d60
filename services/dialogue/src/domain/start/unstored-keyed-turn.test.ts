import { turnEventTypes } from '@parley/contracts';
import { eventually } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { awake, openWorld, silent, TestDialogue } from '../../../tests/support/test-dialogue.ts';
import type { DialogueSettings } from '../dialogue.ts';

const { accepted, cancelled, completed } = turnEventTypes;
const unstored = { store: false, instructions: 'Be brief.', metadata: { colour: 'blue' } };
const settings: Partial<DialogueSettings> = { ...awake, lingerMs: 150 };

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

describe('an unstored turn with an Idempotency-Key', () => {
  it('waits for its reader to come back, who reads it from the start', async () => {
    await using fleet = await TestDialogue.launch({ settings: { ...settings, lingerMs: 1_000 } });
    fleet.model.answer = (generation) => generation.started().says('Once upon');
    const first = fleet.sayKeyed('Tell me a story', unstored);
    await first.until('text_delta');
    await first.leave();
    const second = fleet.sayKeyed('Tell me a story', unstored);
    await second.until('text_delta');
    await pause(1_200);
    const generation = await fleet.model.generation(0);
    expect(generation.isStopped, 'its reader is back').toBe(false);
    generation.says(' a time').finishes();
    expect(await second.ended()).toMatchObject({ status: 'completed', store: false });
    expect(second.text).toBe('Once upon a time');
    expect(second.sequences).toEqual(second.sequences.map((_, index) => index));
    expect(await second.id()).toBe(await first.id());
  });

  it('is cancelled when nobody comes back in time; one without a key is at once', async () => {
    await using fleet = await TestDialogue.launch({ settings });
    fleet.model.answer = (generation) => generation.started().says('Once');
    const [keyed, plain] = [fleet.sayKeyed('Hi', unstored), fleet.say('Hi', unstored)];
    await Promise.all([keyed.until('text_delta'), plain.until('text_delta')]);
    const id = await keyed.id();
    await plain.leave();
    await keyed.leave();
    const leftAt = performance.now();
    const [one, two] = fleet.model.generations;
    const [lingering, gone] = one?.prompt.turnId === id ? [one, two] : [two, one];
    await gone?.stopped;
    await lingering?.stopped;
    expect(performance.now() - leftAt).toBeGreaterThan(100);
    await eventually(async () => {
      expect((await fleet.published(id)).map(({ type }) => type)).toEqual([accepted, cancelled]);
    });
    expect(await fleet.sayKeyed('Hi', unstored).ended()).toMatchObject({ id, status: 'cancelled' });
    expect(fleet.model.generations).toHaveLength(2);
  });

  it('gives its outcome to any instance for ten minutes; then its key is free', async () => {
    await using world = openWorld();
    await using one = await TestDialogue.launch({ world, instanceId: 'one', settings });
    const turn = await one.sayKeyed('Hi', unstored).ended();
    await one.drain();
    await using two = await TestDialogue.launch({ world, instanceId: 'two', settings });
    world.clock.advance(599_000);
    await two.dialogue.owner.renew();
    await two.dialogue.retention.round();
    const streamed = two.sayKeyed('Hi', unstored);
    expect(await streamed.ended()).toEqual({ ...turn, input: [] });
    expect(streamed.text).toBe('Hello there');
    expect(streamed.sequences).toEqual(streamed.sequences.map((_, index) => index));
    const whole = two.sayKeyed('Hi', unstored, { view: 'result' });
    expect((await whole.ended()).output).toEqual(turn.output);
    expect(whole.types).toEqual(['turn_created', 'text_done', 'part_done', 'item_done', 'turn_ended']);
    expect(await two.published(turn.id)).toHaveLength(2);
    world.clock.advance(2_000);
    await two.dialogue.owner.renew();
    await two.dialogue.retention.round();
    expect((await two.sayKeyed('Hi', unstored).ended()).id).not.toBe(turn.id);
  });

  it('has its text in the store only from its end on, and never what was asked', async () => {
    await using fleet = await TestDialogue.launch({ settings });
    fleet.model.answer = (generation) => generation.started().says('A secret answer');
    const reading = fleet.sayKeyed('A secret question', unstored);
    await reading.until('text_delta');
    const id = await reading.id();
    const { turns } = fleet.world.state;
    const running = await turns.get(id);
    expect(running?.document).not.toMatch(/secret|brief|blue/);
    (await fleet.model.generation(0)).finishes();
    await reading.ended();
    const ended = await turns.get(id);
    expect(ended?.document).toContain('A secret answer');
    expect(ended?.document).not.toContain('question');
    const [, event] = await eventually(async () => {
      const events = await fleet.published(id);
      expect(events.map(({ type }) => type)).toEqual([accepted, completed]);
      return events;
    });
    expect(event?.data).not.toContain('secret');
    await expect(fleet.dialogue.turns.findStored(id, 'acme')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('that another instance runs is waited for, which keeps it from being cancelled', async () => {
    await using world = openWorld();
    await using owner = await TestDialogue.launch({ world, instanceId: 'owner', settings });
    await using other = await TestDialogue.launch({ world, instanceId: 'other', settings });
    owner.model.answer = (generation) => generation.started().says('Once upon');
    const first = owner.sayKeyed('Hi', unstored);
    await first.until('text_delta');
    const waiting = other.sayKeyed('Hi', unstored);
    expect(await waiting.id()).toBe(await first.id());
    await first.leave();
    await pause(400);
    const generation = await owner.model.generation(0);
    expect(generation.isStopped).toBe(false);
    generation.says(' a time').finishes();
    expect(await waiting.ended()).toMatchObject({ status: 'completed' });
    expect(waiting.text).toBe('Once upon a time');
    expect(waiting.sequences).toEqual(waiting.sequences.map((_, index) => index));
    expect(other.model.generations).toHaveLength(0);
  });

  it('is cancelled when those who waited at another instance are gone as well', async () => {
    await using world = openWorld();
    await using owner = await TestDialogue.launch({ world, instanceId: 'owner', settings });
    await using other = await TestDialogue.launch({ world, instanceId: 'other', settings });
    owner.model.answer = (generation) => generation.started().says('Once upon');
    const first = owner.sayKeyed('Hi', unstored);
    await first.until('text_delta');
    const waiting = other.sayKeyed('Hi', unstored);
    await waiting.id();
    await first.leave();
    await waiting.leave();
    world.clock.advance(10_001);
    const generation = await owner.model.generation(0);
    await generation.stopped;
    expect(generation.isStopped).toBe(true);
  });

  it('whose owner died is incomplete without text, and does not run again', async () => {
    await using world = openWorld();
    const dying = await TestDialogue.launch({ world, instanceId: 'dying', settings: silent });
    await using living = await TestDialogue.launch({ world, instanceId: 'living', settings });
    dying.model.answer = (generation) => generation.started().says('Once upon');
    const first = dying.sayKeyed('Hi', unstored);
    await first.until('text_delta');
    const waiting = living.sayKeyed('Hi', unstored);
    await waiting.id();
    world.clock.advance(10_001);
    await living.dialogue.owner.renew();
    await living.dialogue.sweep.round();
    const outcome = { status: 'incomplete', incompleteReason: 'owner_lost', output: [] };
    expect(await waiting.ended()).toMatchObject(outcome);
    expect(await living.sayKeyed('Hi', unstored).ended()).toMatchObject(outcome);
    expect(living.model.generations).toHaveLength(0);
  });
});
