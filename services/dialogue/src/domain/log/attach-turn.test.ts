import { describe, expect, it } from 'vitest';
import { eventually } from '@parley/testing';
import { TestDialogue, aRequest, openWorld } from '../../../tests/support/test-dialogue.ts';

describe('attaching to a turn', () => {
  it('gives the whole log of one that has ended', async () => {
    await using fleet = await TestDialogue.launch();
    const reading = fleet.say('Hi');
    const turn = await reading.ended();
    const attached = fleet.attach(turn.id);
    expect(await attached.ended()).toEqual(JSON.parse(JSON.stringify(turn)));
    expect(attached.sequences).toEqual(reading.sequences);
    expect(attached.types).toEqual(reading.types);
    expect(attached.entries[0]?.body).toMatchObject({
      type: 'turn_created',
      turn: { status: 'in_progress', output: [] },
    });
  });

  it('gives what comes after a number', async () => {
    await using fleet = await TestDialogue.launch();
    const turn = await fleet.say('Hi').ended();
    const attached = fleet.attach(turn.id, 3);
    await attached.ended();
    expect(attached.sequences[0]).toBe(4);
    const nothing = fleet.attach(turn.id, 10_000);
    expect(await nothing.over()).toBeUndefined();
    expect(nothing.entries).toEqual([]);
  });

  it('joins one that runs here, with the same numbers for everybody', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation) => generation.started().says('One');
    const reading = fleet.say('Hi');
    await reading.until('text_delta');
    const attached = fleet.attach(await reading.id(), 1);
    await attached.until('text_delta');
    (await fleet.model.generation(0)).says(' two').finishes();
    await Promise.all([reading.ended(), attached.ended()]);
    expect(attached.sequences).toEqual(reading.sequences.slice(2));
  });

  it('joins one that runs on another instance', async () => {
    await using world = openWorld();
    await using owner = await TestDialogue.launch({ world, instanceId: 'owner' });
    await using other = await TestDialogue.launch({ world, instanceId: 'other' });
    owner.model.answer = (generation) => generation.started().says('One');
    const reading = owner.say('Hi');
    await reading.until('text_delta');
    const attached = other.attach(await reading.id());
    await attached.until('text_delta');
    (await owner.model.generation(0)).says(' two').finishes();
    const [here, there] = await Promise.all([reading.ended(), attached.ended()]);
    expect(there).toEqual(JSON.parse(JSON.stringify(here)));
    expect(attached.sequences).toEqual(reading.sequences);
    expect(attached.text).toBe('One two');
  });

  it('joins the deltas of a turn whose starter reads none', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation) => generation.started().says('One');
    const starter = fleet.start(aRequest('Hi'), 'result');
    const attached = fleet.attach(await starter.id());
    await attached.until('text_delta');
    (await fleet.model.generation(0)).says(' two').finishes();
    await Promise.all([starter.ended(), attached.ended()]);
    expect(attached.text).toBe('One two');
    expect(starter.types).not.toContain('text_delta');
  });

  it('is refused for unknown and for unstored turns, and to other tenants, running or not', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation) => generation.started();
    const [stored, unstored] = [fleet.say('Hi'), fleet.say('Hi', { store: false })];
    const [storedId, unstoredId] = await Promise.all([stored.id(), unstored.id()]);
    const refused = { code: 'not_found' };
    const check = async (): Promise<void> => {
      expect(await fleet.attach('resp_unknown').over()).toMatchObject(refused);
      expect(await fleet.attach(unstoredId).over()).toMatchObject(refused);
      expect(await fleet.attach(storedId, -1, 'other').over()).toMatchObject(refused);
    };
    await check();
    for (const generation of fleet.model.generations) generation.finishes();
    await Promise.all([stored.ended(), unstored.ended()]);
    await check();
  });

  it('is too late 10 minutes after the end, while the response is still there', async () => {
    await using world = openWorld();
    await using fleet = await TestDialogue.launch({ world });
    const turn = await fleet.say('Hi').ended();
    world.clock.advance(599_000);
    await fleet.attach(turn.id).ended();
    world.clock.advance(1_001);
    expect(await fleet.attach(turn.id).over()).toMatchObject({ code: 'stream_expired' });
    await fleet.dialogue.retention.round();
    expect(await world.state.turnLogs.read(turn.id, -1, 1)).toEqual({ entries: [], ended: true });
    expect(await fleet.attach(turn.id).over()).toMatchObject({ code: 'stream_expired' });
    expect(await fleet.dialogue.turns.findStored(turn.id, 'acme')).toMatchObject({ row: { ended: true } });
  });

  it('says so when the log is removed while it is read', async () => {
    await using fleet = await TestDialogue.launch();
    const turn = await fleet.say('Hi').ended();
    await fleet.world.state.turnLogs.expireLogs(Number.MAX_SAFE_INTEGER, 10);
    expect(await fleet.attach(turn.id).over()).toMatchObject({ code: 'stream_expired' });
    expect(await fleet.attach(turn.id, 1_000).over()).toBeUndefined();
  });

  it('gives up on a turn that nobody ends long after its time', async () => {
    await using world = openWorld();
    await using owner = await TestDialogue.launch({ world, instanceId: 'owner' });
    await using other = await TestDialogue.launch({ world, instanceId: 'other' });
    owner.model.answer = (generation) => generation.started();
    const reading = owner.say('Hi');
    await reading.until('turn_started');
    const attached = other.attach(await reading.id());
    await attached.until('turn_started');
    world.clock.advance(24 * 3_600_000);
    expect(await attached.over()).toMatchObject({ code: 'unavailable' });
  });

  it('ends without an error when the reader leaves a silent turn', async () => {
    await using world = openWorld();
    await using owner = await TestDialogue.launch({ world, instanceId: 'owner' });
    await using other = await TestDialogue.launch({ world, instanceId: 'other' });
    owner.model.answer = () => undefined;
    const id = await owner.say('Hi').id();
    for (const reading of [owner.attach(id), other.attach(id)]) {
      await reading.until('turn_created');
      await reading.leave();
      expect(await reading.over()).toBeUndefined();
    }
    await eventually(() => expect(owner.model.generations).toHaveLength(1));
    expect(owner.model.generations[0]?.isStopped).toBe(false);
  });
});
