import { ParleyError } from '@parley/kernel';
import { array, assert, asyncProperty, constantFrom, integer } from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { aModel, anotherModel, aRequest, heard, TestModels } from '../../../tests/support/test-models.ts';
import type { TestModelsOptions } from '../../../tests/support/test-models.ts';
import { FakeEngine } from '../../ports/fake-engine.ts';
import { FakeMachineMemory } from '../../ports/fake-machine-memory.ts';
import type { ModelDefinition } from '../models/model-definition.ts';

const { signal } = new AbortController();
const late = anotherModel('late', { load: { when: 'first-use' } });

function launch(definitions: ModelDefinition[], options: TestModelsOptions = {}): Promise<TestModels> {
  return TestModels.launch(definitions, options);
}

/** Resolves the name as dialogue does, again and again while it is told to wait, then asks for an answer. */
async function ask(models: TestModels, named: string): Promise<{ model: string; waits: string[] }> {
  const waits: string[] = [];
  const digest = await resolved(models, named, waits);
  let answered = '';
  for await (const update of models.answers.generate(aRequest(digest), { signal })) {
    if (update.type === 'progress') waits.push(update.stage);
    if (update.type === 'started') answered = update.model.name;
  }
  return { model: answered, waits };
}

async function resolved(models: TestModels, named: string, waits: string[]): Promise<string> {
  for (;;) {
    const resolution = await models.use.resolve(named, signal);
    if (resolution.waiting === undefined) return resolution.model.digest;
    waits.push(resolution.waiting.stage);
    expect(resolution.waiting.estimateMs).toBeGreaterThan(0);
  }
}

/** A clock that stands still until it is moved. */
function handClock(): { now: () => number; pass: (ms: number) => void } {
  let at = 1000;
  return { now: () => at, pass: (ms) => void (at += ms) };
}

describe('a model that its first use loads', () => {
  it('is not there after a start, and is loaded once for all who come at the same time', async () => {
    await using models = await launch([aModel(), late]);
    expect(models.phase('late')).toBe('registered');
    expect(models.registry.find('late').whyNotReady()).toContain('its first caller loads it');
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(models, 'late')));
    expect(answers.map(({ model }) => model)).toEqual(Array(5).fill('late'));
    expect(models.engine.loads.filter(({ name }) => name === 'late')).toHaveLength(1);
  });

  it('tells those who wait how far it is', async () => {
    const engine = new FakeEngine();
    await using models = await launch([aModel(), late], { engine });
    const gate = Promise.withResolvers<void>();
    engine.gate = gate.promise;
    const asked = ask(models, 'late');
    await vi.waitFor(() => expect(models.engine.loads).toHaveLength(2));
    await new Promise((resolve) => setTimeout(resolve, 100));
    gate.resolve();
    const { waits } = await asked;
    expect(waits).toContain('late: loading weights 50 %');
  });

  it('is asked for in vain for so long and no longer, and stays known', async () => {
    const engine = new FakeEngine();
    await using models = await launch([aModel(), late], { engine, maxWaitMs: 0 });
    const gate = Promise.withResolvers<void>();
    engine.gate = gate.promise;
    await expect(models.use.slot('late', signal)).rejects.toMatchObject({
      code: 'model_not_ready',
      retryAfterMs: 2000,
    });
    gate.resolve();
    await expect(models.use.slot('later', signal)).rejects.toMatchObject({ code: 'model_not_found' });
  });

  it('lets no more wait than it takes', async () => {
    const engine = new FakeEngine();
    await using models = await launch([aModel(), late], { engine });
    const gate = Promise.withResolvers<void>();
    engine.gate = gate.promise;
    const waiting = Array.from({ length: 6 }, () => models.use.slot('late', signal));
    const outcomes = Promise.allSettled(waiting);
    await vi.waitFor(() => expect(models.engine.loads).toHaveLength(2));
    gate.resolve();
    const refused = (await outcomes).filter(({ status }) => status === 'rejected');
    expect(refused).toMatchObject([{ reason: { code: 'overloaded' } }]);
  });

  it('goes on loading for the others when one leaves', async () => {
    const engine = new FakeEngine();
    await using models = await launch([aModel(), late], { engine });
    const gate = Promise.withResolvers<void>();
    engine.gate = gate.promise;
    const leaving = new AbortController();
    const [gone, stays] = [models.use.slot('late', leaving.signal), models.use.slot('late', signal)];
    await vi.waitFor(() => expect(models.engine.loads).toHaveLength(2));
    leaving.abort(new ParleyError('cancelled', 'Left.'));
    await expect(gone).rejects.toMatchObject({ code: 'cancelled' });
    gate.resolve();
    expect((await stays).definition.name).toBe('late');
  });
});

describe('a model that cannot be loaded', () => {
  const broken = () => new ParleyError('engine_failed', 'It is cut off.', { retryable: false });

  it('rests after each failure twice as long: callers are told when to come back, and load nothing', async () => {
    const clock = handClock();
    const engine = new FakeEngine();
    await using models = await launch([late], { clock, engine });
    for (const restMs of [5000, 10_000, 20_000]) {
      engine.loadFaults.push(broken());
      const loads = engine.loads.length;
      await expect(models.use.slot('late', signal)).rejects.toMatchObject({
        code: 'model_not_ready',
        message: 'Model "late" is not ready: It is cut off.',
        retryAfterMs: restMs,
      });
      clock.pass(restMs - 1);
      await expect(models.use.slot('late', signal)).rejects.toMatchObject({ retryAfterMs: 1 });
      await expect(models.use.resolve('late', signal)).rejects.toMatchObject({ code: 'model_not_ready' });
      expect(engine.loads).toHaveLength(loads + 1);
      clock.pass(1);
    }
    expect((await models.use.slot('late', signal)).state.phase).toBe('ready');
    await models.registry.find('late').unload();
    engine.loadFaults.push(broken());
    await expect(models.use.slot('late', signal)).rejects.toMatchObject({ retryAfterMs: 5000 });
  });
});

describe('a model that nobody uses', () => {
  const short = anotherModel('short', { load: { when: 'first-use', unload: { idleMs: 5000 } } });

  it('leaves after its time and comes back for the next caller, with the digest he knows', async () => {
    const clock = handClock();
    await using models = await launch([short], { clock });
    const { digest } = (await models.use.slot('short', signal)).identity;
    clock.pass(4999);
    await models.idle.sweep();
    expect(models.phase('short')).toBe('ready');
    clock.pass(1);
    await models.idle.sweep();
    expect(models.phase('short')).toBe('unloaded');
    expect(models.events.unloads).toMatchObject([{ name: 'short' }]);
    const answer = models.answers.generate(aRequest(digest), { signal });
    expect(await heard(answer)).toMatchObject({ model: 'short', finished: true });
  });

  it('never leaves while an answer is at work, however long it takes', async () => {
    const clock = handClock();
    await using models = await launch([short], { clock });
    const slot = await models.use.slot('short', signal);
    const gate = Promise.withResolvers<void>();
    const [loaded] = models.engine.models;
    if (loaded !== undefined) loaded.gate = gate.promise;
    const running = models.answers.generate(aRequest(slot.identity.digest), { signal });
    await running.next();
    clock.pass(1_000_000);
    await models.idle.sweep();
    expect(models.phase('short')).toBe('ready');
    gate.resolve();
    expect((await heard(running)).finished).toBe(true);
    await models.idle.sweep();
    expect(models.phase('short')).toBe('ready');
  });

  it('stays when only an order could bring it back and callers are sent to it', async () => {
    const clock = handClock();
    const unload = { idleMs: 1000 };
    const pinned = aModel({ load: { when: 'never', unload } });
    const free = anotherModel('free', { load: { when: 'never', unload } });
    await using models = await launch([pinned, free], { clock });
    await models.ordered((progress) => models.moves.load('free', progress));
    clock.pass(1000);
    await models.idle.sweep();
    expect([models.phase('small'), models.phase('free')]).toEqual(['ready', 'unloaded']);
  });

  it('comes back by itself also when it was loaded at the start', async () => {
    const clock = handClock();
    const starts = aModel({ load: { when: 'start', unload: { idleMs: 1000 } } });
    await using models = await launch([starts], { clock });
    clock.pass(1000);
    await models.idle.sweep();
    expect(models.phase('small')).toBe('unloaded');
    expect(await ask(models, '')).toMatchObject({ model: 'small' });
  });
});

describe('too little memory', () => {
  /** Room for so many fake models at once. */
  function roomFor(count: number, held: { models?: TestModels }): FakeMachineMemory {
    const memory = new FakeMachineMemory();
    const inMemory = (): number =>
      held.models?.registry.models.filter(({ state }) => state.phase === 'ready').length ?? 0;
    // Weights are mapped: the machine calls them free, so only the rest counts here.
    memory.bytes = () => 2600 * (count - inMemory()) + 100 * inMemory();
    return memory;
  }

  const onUse = (name: string): ModelDefinition => anotherModel(name, { load: { when: 'first-use' } });

  it('takes the least recently used idle model out, one after another', async () => {
    const clock = handClock();
    const of: { models?: TestModels } = {};
    const memory = roomFor(2, of);
    await using held = await launch([onUse('a'), onUse('b'), onUse('c')], { memory, clock });
    of.models = held;
    for (const name of ['a', 'b', 'a', 'c']) {
      await ask(held, name);
      clock.pass(10);
    }
    expect(['a', 'b', 'c'].map((name) => held.phase(name))).toEqual(['ready', 'unloaded', 'ready']);
  });

  it('waits for a busy one to rest and takes that then', async () => {
    const of: { models?: TestModels } = {};
    const memory = roomFor(1, of);
    await using held = await launch([onUse('a'), onUse('b')], { memory, graceMs: 30 });
    of.models = held;
    const slot = await held.use.slot('a', signal);
    const gate = Promise.withResolvers<void>();
    const [loaded] = held.engine.models;
    if (loaded !== undefined) loaded.gate = gate.promise;
    const running = held.answers.generate(aRequest(slot.identity.digest), { signal });
    await running.next();
    const waiting = ask(held, 'b');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(held.phase('a')).toBe('ready');
    gate.resolve();
    expect((await heard(running)).finished).toBe(true);
    expect(await waiting).toMatchObject({
      model: 'b',
      waits: expect.arrayContaining(['b: waiting for memory that busy models hold']),
    });
    expect(held.phase('a')).toBe('unloaded');
  });

  it('says so when nothing may leave, and does not count that as broken', async () => {
    const memory = new FakeMachineMemory();
    await using models = await launch([aModel(), onUse('b')], { memory });
    memory.bytes = () => 500;
    for (let tries = 0; tries < 2; tries++) {
      await expect(models.use.slot('b', signal)).rejects.toMatchObject({
        code: 'model_not_ready',
        message: expect.stringContaining('needs about 1 MiB'),
        retryAfterMs: 2000,
      });
    }
    memory.bytes = () => 1e6;
    expect((await models.use.slot('b', signal)).state.phase).toBe('ready');
  });

  it('is made room for by an order to load as well', async () => {
    const of: { models?: TestModels } = {};
    const memory = roomFor(2, of);
    await using held = await launch([aModel(), onUse('a'), anotherModel('big')], { memory });
    of.models = held;
    await ask(held, 'a');
    const progress = await held.ordered((it) => held.moves.load('big', it));
    expect(progress.notes).toEqual(['Too little memory: unloaded a, which was idle.']);
    expect([held.phase('a'), held.phase('big')]).toEqual(['unloaded', 'ready']);
  });

  it('whatever is asked in whatever order: every answer ends, and never more is loaded than fits', async () => {
    const names = ['a', 'b', 'c', 'd'];
    await assert(
      asyncProperty(
        array(constantFrom(...names), { minLength: 1, maxLength: 8 }),
        integer({ min: 1, max: 3 }),
        async (asks, room) => {
          const of: { models?: TestModels } = {};
          const memory = roomFor(room, of);
          await using held = await launch(names.map(onUse), { memory, graceMs: 30 });
          of.models = held;
          const answers = await Promise.all(asks.map((name) => ask(held, name)));
          expect(answers.map(({ model }) => model)).toEqual(asks);
          const ready = names.filter((name) => held.phase(name) === 'ready');
          expect(ready.length).toBeLessThanOrEqual(room);
        },
      ),
      { numRuns: 10 },
    );
  });
});
