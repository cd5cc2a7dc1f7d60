import { describe, expect, it } from 'vitest';
import { turnEventTypes } from '@parley/contracts';
import { eventually } from '@parley/testing';
import { TestDialogue, openWorld } from '../../../tests/support/test-dialogue.ts';

describe('cancelling a turn', () => {
  it('stops the model and keeps the text so far', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation) => generation.started().says('Once upon');
    const reading = fleet.say('Tell me a story');
    await reading.until('text_delta');
    const turn = await fleet.dialogue.cancel.cancel(await reading.id(), 'acme');
    await (
      await fleet.model.generation(0)
    ).stopped;
    expect(turn).toMatchObject({ status: 'cancelled', finishReason: 'cancelled' });
    expect(turn.output[0]?.content).toEqual([{ type: 'text', text: 'Once upon' }]);
    expect(await reading.ended()).toEqual(turn);
    expect(reading.text).toBe('Once upon');
    const published = await fleet.published(turn.id);
    expect(published.map(({ type }) => type)).toEqual([turnEventTypes.accepted, turnEventTypes.cancelled]);
  });

  it('before the first token leaves no output', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation) => generation.started();
    const reading = fleet.say('Hi');
    await reading.until('turn_started');
    const turn = await fleet.dialogue.cancel.cancel(await reading.id(), 'acme');
    expect(turn).toMatchObject({ status: 'cancelled', output: [] });
  });

  it('leaves a turn that has ended as it is', async () => {
    await using fleet = await TestDialogue.launch();
    const turn = await fleet.say('Hi').ended();
    expect(await fleet.dialogue.cancel.cancel(turn.id, 'acme')).toMatchObject({
      id: turn.id,
      status: 'completed',
    });
  });

  it('asked for twice at once is done once', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation) => generation.started().says('Once');
    const reading = fleet.say('Hi');
    await reading.until('text_delta');
    const id = await reading.id();
    const [one, two] = await Promise.all([
      fleet.dialogue.cancel.cancel(id, 'acme'),
      fleet.dialogue.cancel.cancel(id, 'acme'),
    ]);
    expect(one).toEqual(two);
    await reading.ended();
    expect(await fleet.published(id)).toHaveLength(2);
  });

  it('is impossible for another tenant', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation) => generation.started();
    const running = await fleet.say('Hi').id();
    await expect(fleet.dialogue.cancel.cancel(running, 'other')).rejects.toMatchObject({ code: 'not_found' });
    expect((await fleet.model.generation(0)).isStopped).toBe(false);
  });

  it('of a turn that does not exist is refused', async () => {
    await using fleet = await TestDialogue.launch();
    await expect(fleet.dialogue.cancel.cancel('resp_x', 'acme')).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('cancelling a turn that another instance runs', () => {
  it('ends it with the text of the log; the owner says nothing more and stops its engine', async () => {
    await using world = openWorld();
    await using owner = await TestDialogue.launch({ world, instanceId: 'owner' });
    await using other = await TestDialogue.launch({ world, instanceId: 'other' });
    owner.model.answer = (generation) => generation.started().says('Once upon');
    const reading = owner.say('Tell me a story');
    await reading.until('text_delta');
    const id = await reading.id();

    const turn = await other.dialogue.cancel.cancel(id, 'acme');
    expect(turn).toMatchObject({ status: 'cancelled', output: [{ content: [{ text: 'Once upon' }] }] });

    const generation = await owner.model.generation(0);
    generation.says(' a time');
    await generation.stopped;
    const seen = await reading.ended();
    expect(seen).toMatchObject({ status: 'cancelled' });
    expect(reading.text).toBe('Once upon');
    expect(reading.sequences).toEqual(reading.entries.map((_, index) => index));
    expect(owner.watch.told).toContain(`moved ${id}`);
    await eventually(async () => {
      const types = (await owner.published(id)).map(({ type }) => type);
      expect(types).toEqual([turnEventTypes.accepted, turnEventTypes.cancelled]);
    });
  });

  it('is known to the owner at the latest when it commits', async () => {
    await using world = openWorld();
    await using owner = await TestDialogue.launch({ world, instanceId: 'owner' });
    await using other = await TestDialogue.launch({ world, instanceId: 'other' });
    owner.model.answer = (generation) => generation.started();
    const reading = owner.say('Hi');
    await reading.until('turn_started');
    const id = await reading.id();
    await other.dialogue.cancel.cancel(id, 'acme');
    (await owner.model.generation(0)).finishes();
    expect(await reading.ended()).toMatchObject({ id, status: 'cancelled', output: [] });
    expect(await owner.dialogue.turns.find(id, 'acme')).toMatchObject({
      document: { turn: { status: 'cancelled' } },
    });
  });

  it('tells the reader of an unstored turn that there is no more to read', async () => {
    await using world = openWorld();
    await using owner = await TestDialogue.launch({ world, instanceId: 'owner' });
    await using other = await TestDialogue.launch({ world, instanceId: 'other' });
    owner.model.answer = (generation) => generation.started().says('Once');
    const reading = owner.say('Hi', { store: false });
    await reading.until('text_delta');
    const turn = await other.dialogue.cancel.cancel(await reading.id(), 'acme');
    expect(turn).toMatchObject({ status: 'cancelled', output: [] });
    (await owner.model.generation(0)).finishes();
    expect(await reading.over()).toMatchObject({ code: 'unavailable' });
  });
});
