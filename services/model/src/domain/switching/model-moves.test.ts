import { ParleyError } from '@parley/kernel';
import { describe, expect, it, vi } from 'vitest';
import { aModel, anotherModel, aRequest, heard, TestModels } from '../../../tests/support/test-models.ts';
import type { FakeEngine } from '../../ports/fake-engine.ts';
import { fakeDigest } from '../../ports/fake-file-digests.ts';
import { FakeMachineMemory } from '../../ports/fake-machine-memory.ts';
import { FakeMoveProgress } from '../../ports/fake-move-progress.ts';

function gated(engine: FakeEngine): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  engine.gate = promise;
  return () => {
    engine.gate = undefined;
    resolve();
  };
}

describe('a switch', () => {
  it('loads the target beside the old model, moves the alias, and says how it goes', async () => {
    await using models = await TestModels.launch();
    const progress = await models.switch('big');
    expect(models.registry.aliases.get('default')).toMatchObject({
      model: 'big',
      generation: 2,
      previous: 'small',
      configured: 'small',
    });
    expect(models.registry.resolve('').identity.digest).toBe(fakeDigest('/weights/big'));
    expect(progress.stages).toContain('big: loading weights 50 %');
    expect(progress.stages.at(-1)).toBe('moved alias default to big');
    expect(models.events.switches).toMatchObject([
      { alias: 'default', from: { name: 'small' }, to: { name: 'big' }, switchMs: expect.any(Number) },
    ]);
  });

  it('leaves the alias alone until the target can answer', async () => {
    await using models = await TestModels.launch();
    const open = gated(models.engine);
    const switching = models.switch('big');
    await vi.waitFor(() => expect(models.engine.loads).toHaveLength(2));
    expect(models.target()).toBe('small');
    expect((await heard(models.ask())).model).toBe('small');
    open();
    await switching;
    expect((await heard(models.ask())).model).toBe('big');
  });

  it('lets answers end on the model they began on, also those that only resolved before', async () => {
    await using models = await TestModels.launch();
    const [small] = models.engine.models;
    const gate = Promise.withResolvers<void>();
    if (small !== undefined) small.gate = gate.promise;
    const running = models.ask();
    await running.next();
    const { digest } = models.registry.resolve('').identity;
    await models.switch('big');
    const late = models.answers.generate(aRequest(digest), { signal: models.registry.closing });
    gate.resolve();
    expect((await heard(late)).model).toBe('small');
    expect((await heard(running)).finished).toBe(true);
  });

  it('keeps the old model for a rollback, which goes there and back again', async () => {
    await using models = await TestModels.launch();
    await models.switch('big');
    expect(models.moves.checkRollback('default').name).toBe('small');
    await models.switch('small');
    expect(models.registry.aliases.get('default')).toMatchObject({ generation: 3, previous: 'big' });
    expect(models.engine.loads).toHaveLength(2);
    expect(models.moves.checkRollback('default').name).toBe('big');
  });

  it('gives back what no alias needs any more, not even for a rollback', async () => {
    await using models = await TestModels.launch([aModel(), anotherModel('big'), anotherModel('third')]);
    await models.switch('big');
    await models.switch('third');
    await models.switch('small');
    await vi.waitFor(() => expect(models.events.unloads).toMatchObject([{ name: 'big' }]));
    expect(models.phase('big')).toBe('unloaded');
    expect(models.phase('third')).toBe('ready');
  });

  it('gives the old model back once its answers have ended, where none is to be kept', async () => {
    await using models = await TestModels.launch(undefined, { keepPrevious: false });
    const [small] = models.engine.models;
    const gate = Promise.withResolvers<void>();
    if (small !== undefined) small.gate = gate.promise;
    const running = models.ask();
    await running.next();
    await models.switch('big');
    expect(models.phase('small')).toBe('draining');
    gate.resolve();
    expect((await heard(running)).finished).toBe(true);
    await vi.waitFor(() => expect(models.phase('small')).toBe('unloaded'));
    expect(small?.disposed).toBe(true);
  });

  it('given again changes nothing', async () => {
    await using models = await TestModels.launch();
    await models.switch('big');
    const progress = await models.switch('big');
    expect(progress.notes).toEqual(['Alias "default" points to "big".']);
    expect(models.registry.aliases.get('default')?.generation).toBe(2);
    expect(models.events.switches).toHaveLength(1);
  });

  it.each([
    ['the file is missing', new ParleyError('config_invalid', 'The weights file big does not exist.')],
    ['the file is broken', new ParleyError('engine_failed', 'It is cut off.', { retryable: false })],
  ])('leaves everything as it was when %s', async (_, fault) => {
    await using models = await TestModels.launch();
    models.engine.loadFaults.push(fault);
    await expect(models.switch('big')).rejects.toBe(fault);
    expect(models.target()).toBe('small');
    expect(models.phase('big')).toBe('failed');
    expect((await heard(models.ask())).model).toBe('small');
    expect(await models.state.control.list('alias/')).toEqual([]);
    await models.switch('big');
    expect(models.target()).toBe('big');
  });

  it('is refused when the alias or the model is not known', async () => {
    await using models = await TestModels.launch();
    expect(() => models.moves.checkSwitch('fast', 'big')).toThrow(/no alias "fast"; there are: default/);
    expect(() => models.moves.checkSwitch('default', 'huge')).toThrow(/no model "huge"/);
    expect(() => models.moves.checkRollback('default')).toThrow(/nothing to go back to/);
  });

  it('gives up with its order, and so does the load that it began', async () => {
    await using models = await TestModels.launch();
    const open = gated(models.engine);
    const progress = new FakeMoveProgress();
    const switching = models.moves.switch('default', 'big', progress);
    await vi.waitFor(() => expect(models.engine.loads).toHaveLength(2));
    progress.abort(new ParleyError('cancelled', 'Cancelled by order.'));
    open();
    await expect(switching).rejects.toMatchObject({ code: 'cancelled' });
    expect(models.target()).toBe('small');
    expect(models.phase('big')).toBe('unloaded');
  });

  it('waits for the one before it', async () => {
    await using models = await TestModels.launch([aModel(), anotherModel('big'), anotherModel('third')]);
    const open = gated(models.engine);
    const both = Promise.all([models.switch('big'), models.switch('third')]);
    await vi.waitFor(() => expect(models.engine.loads).toHaveLength(2));
    expect(models.phase('third')).toBe('registered');
    open();
    await both;
    expect(models.target()).toBe('third');
    expect(models.registry.aliases.get('default')?.generation).toBe(3);
  });
});

describe('too little memory', () => {
  /** A fake model takes 100 bytes of weights, 10 a token, and 1 for each of 128 + 2 tokens of a step: 2230. */
  const need = 'needs about 1 MiB';

  it('refuses a switch with the numbers and what would fit, and the alias stays', async () => {
    const memory = new FakeMachineMemory();
    await using models = await TestModels.launch(undefined, { memory, reserveBytes: 1000 });
    memory.bytes = () => 2600;
    await expect(models.switch('big')).rejects.toMatchObject({
      code: 'overloaded',
      retryable: false,
      message: expect.stringContaining(need),
    });
    expect(models.target()).toBe('small');
    const failure = models.events.failures.at(-1)?.message ?? '';
    expect(failure).toMatch(
      /It would fit with 1 slots of that context|It would fit with 1 slot of \d+ tokens/,
    );
    memory.bytes = () => 1000;
    await expect(models.switch('big')).rejects.toThrow(/It fits in no form; unload another model first/);
  });

  it('takes back first what was only kept for a rollback', async () => {
    const memory = new FakeMachineMemory();
    const definitions = [aModel(), anotherModel('big'), anotherModel('third')];
    await using models = await TestModels.launch(definitions, { memory });
    await models.switch('big');
    await models.switch('small');
    memory.bytes = () => (models.phase('big') === 'unloaded' ? 9000 : 2000);
    const progress = await models.switch('third');
    expect(progress.notes).toEqual(['Too little memory: unloading big, which was kept for a rollback.']);
    expect(models.target()).toBe('third');
  });
});

describe('an unload', () => {
  it('is refused while an alias points to the model, and of one that is not loaded', async () => {
    await using models = await TestModels.launch();
    expect(() => models.moves.checkUnload('small')).toThrow(/Alias "default" points to model "small"/);
    expect(() => models.moves.checkUnload('big')).toThrow(/"big" is not loaded/);
  });

  it('waits for what runs, takes nobody new by name, and then gives the memory back', async () => {
    await using models = await TestModels.launch();
    await models.switch('big');
    const [small] = models.engine.models;
    const gate = Promise.withResolvers<void>();
    if (small !== undefined) small.gate = gate.promise;
    const running = models.ask('small');
    await running.next();
    const unloading = models.ordered((progress) => models.moves.unload('small', progress));
    await vi.waitFor(() => expect(models.phase('small')).toBe('draining'));
    expect(() => models.registry.resolve('small')).toThrow(/it is being unloaded/);
    gate.resolve();
    expect((await heard(running)).finished).toBe(true);
    await unloading;
    expect(models.phase('small')).toBe('unloaded');
    expect(small?.disposed).toBe(true);
    expect(() => models.registry.holder(fakeDigest('/weights/small'))).toThrowError(
      expect.objectContaining({ code: 'model_not_here', retryable: true }),
    );
  });

  it('gives those time to come who were told of the model just before', async () => {
    await using models = await TestModels.launch(undefined, { graceMs: 150 });
    await models.switch('big');
    const { digest } = models.registry.resolve('small').identity;
    const unloading = models.ordered((progress) => models.moves.unload('small', progress));
    await vi.waitFor(() => expect(models.phase('small')).toBe('draining'));
    const late = models.answers.generate(aRequest(digest), { signal: models.registry.closing });
    expect(await heard(late)).toMatchObject({ model: 'small', finished: true });
    await unloading;
  });

  it('ends what runs longer than it waits, and says so', async () => {
    await using models = await TestModels.launch(undefined, { drainMs: 20 });
    await models.switch('big');
    const [small] = models.engine.models;
    const gate = Promise.withResolvers<void>();
    if (small !== undefined) small.gate = gate.promise;
    const running = models.ask('small');
    await running.next();
    const progress = await models.ordered((told) => models.moves.unload('small', told));
    expect(progress.notes).toEqual(['1 answers had not ended after 0.02 s and were ended.']);
    gate.resolve();
    await expect(heard(running)).rejects.toMatchObject({ code: 'model_not_ready' });
  });

  it('is given up when the model is wanted again, and when the order is', async () => {
    await using models = await TestModels.launch();
    await models.switch('big');
    const [small] = models.engine.models;
    const gate = Promise.withResolvers<void>();
    if (small !== undefined) small.gate = gate.promise;
    const running = models.ask('small');
    await running.next();
    const unloading = models.ordered((progress) => models.moves.unload('small', progress));
    const overtaken = expect(unloading).rejects.toMatchObject({ code: 'conflict' });
    await vi.waitFor(() => expect(models.phase('small')).toBe('draining'));
    await models.switch('small');
    await overtaken;
    await models.switch('big');
    const progress = new FakeMoveProgress();
    const again = models.moves.unload('small', progress);
    await vi.waitFor(() => expect(models.phase('small')).toBe('draining'));
    progress.abort(new ParleyError('cancelled', 'Cancelled by order.'));
    await expect(again).rejects.toMatchObject({ code: 'cancelled' });
    expect(models.phase('small')).toBe('ready');
    gate.resolve();
    expect((await heard(running)).finished).toBe(true);
  });
});
