import { describe, expect, it } from 'vitest';
import { ParleyError, newPublicId } from '@parley/kernel';
import type { EventPublisher, EventRecord } from '@parley/events/ports';
import { aNewTurn, anOutboxEvent, eventually } from '@parley/testing';
import { TestDialogue, awake, openWorld, silent } from '../../../tests/support/test-dialogue.ts';
import type { World } from '../../../tests/support/test-dialogue.ts';

/** An event log that remembers, and that can be away. */
class FlakyPublisher implements EventPublisher {
  readonly records: EventRecord[] = [];
  readonly batches: number[] = [];
  away = false;
  /** Events are durable, but nobody hears of it. */
  answerLost = false;
  /** Neither an answer nor a failure. */
  hangs = false;
  /** The key whose events are too large. */
  refusedKey: string | undefined;

  append(records: readonly EventRecord[]): Promise<void> {
    if (this.hangs) return new Promise(() => undefined);
    if (this.away) return Promise.reject(new Error('The event log is away.'));
    if (records.some(({ key }) => key === this.refusedKey))
      return Promise.reject(new ParleyError('payload_too_large', 'A record is too large.'));
    this.batches.push(records.length);
    for (const record of records)
      if (!this.records.some(({ id }) => id === record.id)) this.records.push(record);
    return this.answerLost ? Promise.reject(new Error('The answer was lost.')) : Promise.resolve();
  }

  numbersOf(key: string): number[] {
    return this.records.filter((record) => record.key === key).map(({ sequence }) => sequence);
  }
}

/** A turn's events, each in a commit of its own. */
async function commitEvents(world: World, key: string, count: number): Promise<void> {
  for (let event = 0; event < count; event++) {
    await world.state.turns.accept(aNewTurn({ owner: 'somebody' }), [], [anOutboxEvent({ key })]);
  }
}

describe('the outbox relay', () => {
  it('publishes what was committed, in order, and takes it out', async () => {
    await using world = openWorld();
    const publisher = new FlakyPublisher();
    await using _fleet = await TestDialogue.launch({ world, ports: { events: publisher } });
    const keys = Array.from({ length: 5 }, () => newPublicId('resp'));
    await Promise.all(keys.map((key) => commitEvents(world, key, 4)));
    await eventually(() => expect(publisher.records).toHaveLength(20));
    for (const key of keys) expect(publisher.numbersOf(key)).toEqual([0, 1, 2, 3]);
    expect(publisher.records[0]?.source).toBe('/parley/dialogue/dialogue-1');
    await eventually(async () => expect((await world.state.outbox.stats()).count).toBe(0));
  });

  it('keeps everything while the event log is away, and publishes it in order when it is back', async () => {
    await using world = openWorld();
    const publisher = new FlakyPublisher();
    publisher.away = true;
    await using fleet = await TestDialogue.launch({ world, ports: { events: publisher } });
    const key = newPublicId('resp');
    await commitEvents(world, key, 3);
    await eventually(() => expect(fleet.watch.told).toContain('task failed outbox relay'));
    expect((await world.state.outbox.stats()).count).toBe(3);
    publisher.away = false;
    await eventually(() => expect(publisher.numbersOf(key)).toEqual([0, 1, 2]));
  });

  it('publishes again what may not have arrived, under the same ids', async () => {
    await using world = openWorld();
    const publisher = new FlakyPublisher();
    publisher.answerLost = true;
    await using fleet = await TestDialogue.launch({ world, ports: { events: publisher } });
    const key = newPublicId('resp');
    await commitEvents(world, key, 2);
    await eventually(() => expect(fleet.watch.told).toContain('task failed outbox relay'));
    publisher.answerLost = false;
    await eventually(async () => expect((await world.state.outbox.stats()).count).toBe(0));
    expect(publisher.numbersOf(key)).toEqual([0, 1]);
  });

  it('goes on after a restart with what the last process left', async () => {
    await using world = openWorld();
    const [before, after] = [new FlakyPublisher(), new FlakyPublisher()];
    before.away = true;
    const key = newPublicId('resp');
    const first = await TestDialogue.launch({ world, instanceId: 'first', ports: { events: before } });
    await commitEvents(world, key, 3);
    await first.drain();
    expect((await world.state.outbox.stats()).count).toBe(3);
    await using _second = await TestDialogue.launch({
      world,
      instanceId: 'second',
      ports: { events: after },
    });
    await eventually(() => expect(after.numbersOf(key)).toEqual([0, 1, 2]));
  });

  it('leaves the shards of a living instance to it, and takes those of a dead one', async () => {
    await using world = openWorld();
    const [mine, others] = [new FlakyPublisher(), new FlakyPublisher()];
    others.away = true;
    const holder = await TestDialogue.launch({
      world,
      instanceId: 'holder',
      ports: { events: others },
      settings: silent,
    });
    const heir = await TestDialogue.launch({
      world,
      instanceId: 'heir',
      ports: { events: mine },
      settings: awake,
    });
    const key = newPublicId('resp');
    await commitEvents(world, key, 2);
    await eventually(() => expect(holder.watch.told).toContain('task failed outbox relay'));
    expect(mine.records).toEqual([]);
    world.clock.advance(10_001);
    await eventually(() => expect(mine.numbersOf(key)).toEqual([0, 1]));
    others.away = false;
    await holder.drain();
    await heir.drain();
  });

  it('lets an event that is refused for good hold up its own shard only', async () => {
    await using world = openWorld();
    const publisher = new FlakyPublisher();
    const [large, behind, other] = [newPublicId('resp', 1), newPublicId('resp', 1), newPublicId('resp', 2)];
    publisher.refusedKey = large;
    for (const key of [large, behind, other]) await commitEvents(world, key, 2);
    await using fleet = await TestDialogue.launch({ world, ports: { events: publisher } });
    await eventually(() => expect(publisher.numbersOf(other)).toEqual([0, 1]));
    expect(publisher.numbersOf(behind)).toEqual([]);
    await commitEvents(world, other, 1);
    await eventually(() => expect(publisher.numbersOf(other)).toEqual([0, 1, 2]));
    expect(fleet.watch.told.filter((line) => line.startsWith('event refused'))).toHaveLength(1);
    await eventually(async () => expect((await world.state.outbox.stats()).count).toBe(4));
    expect(await fleet.say('Hi').ended()).toMatchObject({ status: 'completed' });
  });

  it('gives its shards to others also while the event log says nothing', async () => {
    await using world = openWorld();
    const [before, after] = [new FlakyPublisher(), new FlakyPublisher()];
    before.hangs = true;
    const first = await TestDialogue.launch({ world, instanceId: 'first', ports: { events: before } });
    const key = newPublicId('resp');
    await commitEvents(world, key, 2);
    await first.drain();
    await using _second = await TestDialogue.launch({
      world,
      instanceId: 'second',
      ports: { events: after },
    });
    await eventually(() => expect(after.numbersOf(key)).toEqual([0, 1]));
  });

  it('works in bounded batches', async () => {
    await using world = openWorld();
    const publisher = new FlakyPublisher();
    const events = Array.from({ length: 600 }, () => anOutboxEvent());
    await world.state.turns.accept(aNewTurn(), [], events);
    await using _fleet = await TestDialogue.launch({ world, ports: { events: publisher } });
    await eventually(() => expect(publisher.records).toHaveLength(600));
    expect(Math.max(...publisher.batches)).toBeLessThanOrEqual(256);
  });
});

describe('the last entry of a turn', () => {
  it('is seen once its event is published', async () => {
    await using fleet = await TestDialogue.launch();
    const turn = await fleet.say('Hi').ended();
    expect((await fleet.published(turn.id)).map(({ type }) => type)).toContain('parley.turn.completed.v1');
  });

  it('is seen a quarter of a second after the commit when the event log is away', async () => {
    const publisher = new FlakyPublisher();
    publisher.away = true;
    await using fleet = await TestDialogue.launch({ ports: { events: publisher } });
    const reading = fleet.say('Hi');
    await reading.until('item_done');
    const committed = performance.now();
    expect(reading.types).not.toContain('turn_ended');
    expect(await reading.ended()).toMatchObject({ status: 'completed' });
    expect(performance.now() - committed).toBeGreaterThan(200);
    publisher.away = false;
  });
});
