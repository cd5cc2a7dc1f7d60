import { turnEventTypes } from '@parley/contracts';
import { newPublicId, ParleyError } from '@parley/kernel';
import { claimName } from '@parley/state/ports';
import type { StateStore } from '@parley/state/ports';
import { eventually } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { awake, bound, openWorld, silent, TestDialogue } from '../../../tests/support/test-dialogue.ts';
import type { World } from '../../../tests/support/test-dialogue.ts';

const { accepted, completed, failed, incomplete } = turnEventTypes;

/** What the store keeps of the key `key` of `acme`. */
function claimOf(state: StateStore) {
  const name = claimName({ tenant: 'acme', route: 'POST /v1/responses', key: 'key' });
  const probe = { fingerprint: 'probe', subject: newPublicId('resp'), holdMs: 1, keepMs: 1 };
  return state.idempotency.claim(name, probe);
}

/** The world as an instance sees it whose step `accept` ends as `accept` says. */
function withAccept(world: World, accept: StateStore['turns']['accept']): StateStore {
  return bound(world.state, { turns: bound(world.state.turns, { accept }) });
}

async function typesOf(fleet: TestDialogue, id: string): Promise<string[]> {
  return eventually(async () => {
    const types = (await fleet.published(id)).map(({ type }) => type);
    expect(types.length).toBeGreaterThan(1);
    return types;
  });
}

describe('a stored turn that is asked for again under its Idempotency-Key', () => {
  it('is read from its start while it runs and after its end, and runs once', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation) => generation.started().says('Once upon');
    const first = fleet.sayKeyed('Tell me a story');
    await first.until('text_delta');
    await first.leave();
    const second = fleet.sayKeyed('Tell me a story');
    await second.until('text_delta');
    (await fleet.model.generation(0)).says(' a time').finishes();
    const turn = await second.ended();
    const third = fleet.sayKeyed('Tell me a story');
    expect(await third.ended()).toEqual(turn);
    expect(turn.claim).toMatch(/^[0-9a-f]{64}$/);
    expect([second.text, third.text]).toEqual(['Once upon a time', 'Once upon a time']);
    expect(third.sequences).toEqual(second.sequences);
    expect(second.sequences).toEqual(second.sequences.map((_, index) => index));
    expect(await first.id()).toBe(turn.id);
    expect(fleet.model.generations).toHaveLength(1);
    expect(await typesOf(fleet, turn.id)).toEqual([accepted, completed]);
  });

  it('is one turn for all who ask at the same time, at whichever instance, streamed or not', async () => {
    await using world = openWorld();
    await using one = await TestDialogue.launch({ world, instanceId: 'one' });
    await using two = await TestDialogue.launch({ world, instanceId: 'two' });
    const readings = Array.from({ length: 12 }, (_, index) =>
      (index % 2 === 0 ? one : two).sayKeyed('Hi', {}, { view: index % 3 === 0 ? 'result' : 'all' }),
    );
    const turns = await Promise.all(readings.map((reading) => reading.ended()));
    expect(new Set(turns.map(({ id }) => id)).size).toBe(1);
    expect(turns.every((turn) => turn.output[0]?.content[0]?.text === 'Hello there')).toBe(true);
    expect(one.model.generations.length + two.model.generations.length).toBe(1);
    expect(await typesOf(one, turns[0]?.id ?? '')).toEqual([accepted, completed]);
  });

  it('is refused with another body, and another tenant’s key is another key', async () => {
    await using fleet = await TestDialogue.launch();
    const turn = await fleet.sayKeyed('Hi').ended();
    const refused = { code: 'idempotency_mismatch', param: 'Idempotency-Key' };
    expect(await fleet.sayKeyed('Ho').over()).toMatchObject(refused);
    const theirs = await fleet.sayKeyed('Ho', {}, { tenantName: 'other' }).ended();
    expect(theirs.id).not.toBe(turn.id);
    expect((await fleet.sayKeyed('Ho', {}, { key: 'another' }).ended()).id).not.toBe(turn.id);
  });

  it('that failed has failed: it never runs again', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.answer = (generation) =>
      generation.fails(new ParleyError('context_length_exceeded', 'The prompt is too long.'));
    const turn = await fleet.sayKeyed('Hi').ended();
    expect(turn).toMatchObject({ status: 'failed', error: { code: 'context_length_exceeded' } });
    expect(await fleet.sayKeyed('Hi').ended()).toEqual(turn);
    expect(fleet.model.generations).toHaveLength(1);
    expect(await typesOf(fleet, turn.id)).toEqual([accepted, failed]);
  });

  it('was never accepted when the request was refused: its key is free', async () => {
    await using fleet = await TestDialogue.launch();
    fleet.model.refusal = new ParleyError('model_not_found', 'There is tiny.', { param: 'model' });
    expect(await fleet.sayKeyed('Hi', { model: 'gpt' }).over()).toBe(fleet.model.refusal);
    fleet.model.refusal = undefined;
    expect(await fleet.sayKeyed('Hi').ended()).toMatchObject({ status: 'completed' });
  });

  it('is the outcome without its log when that is no longer kept, and nobody’s once it was deleted', async () => {
    await using world = openWorld();
    await using fleet = await TestDialogue.launch({ world, settings: awake });
    const turn = await fleet.sayKeyed('Hi').ended();
    world.clock.advance(600_001);
    await fleet.dialogue.owner.renew();
    await fleet.dialogue.retention.round();
    expect(await fleet.attach(turn.id).over()).toMatchObject({ code: 'stream_expired' });
    const late = fleet.sayKeyed('Hi');
    expect(await late.ended()).toEqual(turn);
    expect(late.text).toBe('Hello there');
    await fleet.dialogue.remove.delete(turn.id, 'acme');
    expect(await fleet.sayKeyed('Hi').over()).toMatchObject({ code: 'conflict', retryable: false });
    expect(fleet.model.generations).toHaveLength(1);
  });

  it('is another turn a day later', async () => {
    await using world = openWorld();
    await using fleet = await TestDialogue.launch({ world, settings: awake });
    const turn = await fleet.sayKeyed('Hi').ended();
    world.clock.advance(24 * 3_600_000 - 60_000);
    await fleet.dialogue.owner.renew();
    expect((await fleet.sayKeyed('Hi').ended()).id).toBe(turn.id);
    world.clock.advance(61_000);
    await fleet.dialogue.owner.renew();
    expect((await fleet.sayKeyed('Hi').ended()).id).not.toBe(turn.id);
  });
});

describe('an Idempotency-Key whose instance dies', () => {
  it('between claim and start leaves the id to the next request', async () => {
    await using world = openWorld();
    const reached = Promise.withResolvers<string>();
    const state = withAccept(world, ({ id }) => {
      reached.resolve(id);
      return new Promise(() => undefined);
    });
    const dying = await TestDialogue.launch({ world, instanceId: 'dying', ports: { state } });
    await using living = await TestDialogue.launch({ world, instanceId: 'living', settings: awake });
    dying.sayKeyed('Hi');
    const id = await reached.promise;
    const retry = living.sayKeyed('Hi');
    await eventually(async () =>
      expect(await claimOf(world.state)).toMatchObject({ subject: id, held: true }),
    );
    world.clock.advance(5_001);
    expect(await retry.ended()).toMatchObject({ id, status: 'completed' });
    expect(await typesOf(living, id)).toEqual([accepted, completed]);
  });

  it('in mid-turn gets the turn’s outcome: incomplete, with what was shown, and no second run', async () => {
    await using world = openWorld();
    const dying = await TestDialogue.launch({ world, instanceId: 'dying', settings: silent });
    await using living = await TestDialogue.launch({ world, instanceId: 'living', settings: awake });
    dying.model.answer = (generation) => generation.started().says('Once upon');
    const first = dying.sayKeyed('Tell me a story');
    await first.until('text_delta');
    world.clock.advance(10_001);
    await living.dialogue.owner.renew();
    await living.dialogue.sweep.round();
    const outcome = { status: 'incomplete', incompleteReason: 'owner_lost' };
    for (const view of ['all', 'result'] as const) {
      const retry = living.sayKeyed('Tell me a story', {}, { view });
      expect(await retry.ended()).toMatchObject({ id: await first.id(), ...outcome });
    }
    expect(living.model.generations).toHaveLength(0);
    expect(await typesOf(living, await first.id())).toEqual([accepted, incomplete]);
  });

  it('while it was slow is answered by the one turn that both have', async () => {
    await using world = openWorld();
    const slow = Promise.withResolvers<void>();
    const state = withAccept(world, async (...turn) => {
      await slow.promise;
      return world.state.turns.accept(...turn);
    });
    await using one = await TestDialogue.launch({
      world,
      instanceId: 'one',
      ports: { state },
      settings: awake,
    });
    await using two = await TestDialogue.launch({ world, instanceId: 'two', settings: awake });
    const first = one.sayKeyed('Hi');
    await eventually(async () =>
      expect(await claimOf(world.state)).toMatchObject({ mine: false, held: true }),
    );
    world.clock.advance(5_001);
    const turn = await two.sayKeyed('Hi').ended();
    slow.resolve();
    expect(await first.ended()).toEqual(turn);
    expect(one.model.generations.length + two.model.generations.length).toBe(1);
  });

  it('is not known to have started: the turn that was accepted all the same is the one', async () => {
    await using world = openWorld();
    let lose = true;
    const state = withAccept(world, async (...turn) => {
      const fence = await world.state.turns.accept(...turn);
      if (lose) throw new ParleyError('unavailable', 'The answer was lost.');
      return fence;
    });
    await using fleet = await TestDialogue.launch({ world, ports: { state }, settings: awake });
    const retried = fleet.sayKeyed('Hi');
    const id = await retried.id();
    lose = false;
    world.clock.advance(20_001);
    await fleet.dialogue.lost.round();
    expect(await retried.ended()).toMatchObject({ id, status: 'incomplete', incompleteReason: 'owner_lost' });
    expect((await fleet.sayKeyed('Hi').ended()).id).toBe(id);
    expect(fleet.model.generations).toHaveLength(0);
  });

  it('after its caller has left before the start is started by the next request, under the same id', async () => {
    await using fleet = await TestDialogue.launch();
    const resolved = Promise.withResolvers<void>();
    const { resolved: model } = fleet.model;
    fleet.model.resolve = async () => {
      await resolved.promise;
      return model;
    };
    const first = fleet.sayKeyed('Hi');
    const { subject } = await eventually(async () => {
      const claim = await claimOf(fleet.world.state);
      expect(claim.mine).toBe(false);
      return claim;
    });
    const left = first.leave();
    resolved.resolve();
    await left;
    expect((await fleet.sayKeyed('Hi').ended()).id).toBe(subject);
  });
});
