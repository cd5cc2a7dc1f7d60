import { ParleyError } from '@parley/kernel';
import { describe, expect, it, vi } from 'vitest';
import { aModel, anotherModel, aRequest, heard, TestModels } from '../../../tests/support/test-models.ts';
import { FakeMoveProgress } from '../../ports/fake-move-progress.ts';

/** Room for one of the test's models, which are alike, and not for two. */
const room = { limitBytes: 3_500 };

describe('a switch for which memory does not hold both models', () => {
  it('drains the old one first; who asks meanwhile is told to wait, and how long', async () => {
    await using models = await TestModels.launch(undefined, room);
    const [small] = models.engine.models;
    const gate = Promise.withResolvers<void>();
    if (small !== undefined) small.gate = gate.promise;
    const running = models.ask();
    await running.next();

    const progress = new FakeMoveProgress();
    const switching = models.moves.switch('default', 'big', progress);
    await vi.waitFor(() => expect(models.waits.noticeOf('default')).toBeDefined());
    expect(models.waits.noticeOf('default')).toEqual({
      stage: 'small finishes its answers before big is loaded',
      estimateMs: expect.any(Number),
    });
    expect(models.phase('small')).toBe('draining');
    expect(models.phase('big')).toBe('failed');

    const load = Promise.withResolvers<void>();
    models.engine.gate = load.promise;
    gate.resolve();
    expect(await heard(running)).toMatchObject({ finished: true });
    await vi.waitFor(() => expect(models.phase('big')).toBe('loading'));
    expect(models.phase('small')).toBe('unloaded');
    expect(models.waits.noticeOf('default')?.stage).toMatch(/^big: loading weights/);
    load.resolve();
    await switching;

    expect(models.waits.noticeOf('default')).toBeUndefined();
    expect((await heard(models.ask())).model).toBe('big');
    expect(progress.notes).toContain(
      'Too little memory for both: small goes before big comes; requests wait.',
    );
  });

  it('answers who was told of the old one before, though the new one has the same weights', async () => {
    const same = anotherModel('big', { path: '/weights/small' });
    await using models = await TestModels.launch([same, aModel()], { ...room, graceMs: 200 });
    const { digest } = models.registry.resolve('').identity;
    const switching = models.switch('big');
    await vi.waitFor(() => expect(models.phase('small')).toBe('draining'));
    const late = models.answers.generate(aRequest(digest), { signal: models.registry.closing });
    expect(await heard(late)).toMatchObject({ model: 'small', finished: true });
    await switching;
    expect((await heard(models.ask())).model).toBe('big');
  });

  it('brings the old one back when the new one cannot be loaded, and says what and where', async () => {
    await using models = await TestModels.launch(undefined, room);
    models.engine.loadFaults.push(
      new ParleyError('engine_failed', 'big.gguf: it is cut off.', { retryable: false }),
    );
    await expect(models.switch('big')).rejects.toMatchObject({
      code: 'engine_failed',
      message: 'big.gguf: it is cut off. Model "small" is loaded again.',
    });
    expect(models.target()).toBe('small');
    expect(models.phase('small')).toBe('ready');
    expect(models.waits.noticeOf('default')).toBeUndefined();
    expect((await heard(models.ask())).finished).toBe(true);
    expect(models.registry.aliases.get('default')).toMatchObject({ generation: 1 });
  });

  it('is refused where the old one would not make enough room, or is needed by another alias', async () => {
    const huge = anotherModel('huge', { slots: 5 });
    await using models = await TestModels.launch([aModel(), huge], room);
    await expect(models.switch('huge')).rejects.toMatchObject({ code: 'overloaded' });
    expect(models.phase('small')).toBe('ready');

    const shared = aModel({ aliases: ['default', 'fast'] });
    await using others = await TestModels.launch([shared, anotherModel('big')], room);
    await expect(others.switch('big')).rejects.toMatchObject({ code: 'overloaded' });
    expect(others.phase('small')).toBe('ready');
  });

  it('takes nothing from a rollback for what would not fit all the same', async () => {
    const [huge, third] = [anotherModel('huge', { slots: 9 }), anotherModel('third')];
    await using models = await TestModels.launch([aModel(), third, huge], { limitBytes: 7_000 });
    await models.switch('third');
    await expect(models.switch('huge')).rejects.toMatchObject({ code: 'overloaded' });
    expect([models.phase('small'), models.phase('third')]).toEqual(['ready', 'ready']);
  });

  it('is carried out by every instance, one after another', async () => {
    await using one = await TestModels.launch(undefined, { ...room, instance: 'one' });
    await using two = await TestModels.launch(undefined, { ...room, instance: 'two', state: one.state });
    two.follow.start();
    await vi.waitFor(async () => expect(await one.fleet.instances()).toHaveLength(1));
    await one.switch('big');
    expect([one.target(), two.target()]).toEqual(['big', 'big']);
    expect([one.phase('small'), two.phase('small')]).toEqual(['unloaded', 'unloaded']);
    expect(two.waits.noticeOf('default')).toBeUndefined();
  });
});
