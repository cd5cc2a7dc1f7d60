import { ParleyError } from '@parley/kernel';
import { openSqliteState } from '@parley/state';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { aModel, anotherModel, heard, TestModels } from '../../../tests/support/test-models.ts';
import type { TestModelsOptions } from '../../../tests/support/test-models.ts';
import type { FakeMoveProgress } from '../../ports/fake-move-progress.ts';

const definitions = [aModel(), anotherModel('big'), anotherModel('third')];

/** Three instances that share a store, each with its own engine. */
describe('three instances', () => {
  let state = openSqliteState(':memory:');
  let fleet: TestModels[] = [];

  const launch = async (instance: string, options: TestModelsOptions = {}): Promise<TestModels> => {
    const models = await TestModels.launch(definitions, { state, instance, ...options });
    await models.follow.look();
    models.follow.start();
    fleet.push(models);
    return models;
  };
  beforeEach(async () => {
    state = openSqliteState(':memory:');
    fleet = [];
    for (const instance of ['one', 'two', 'three']) await launch(instance);
  });
  afterEach(async () => {
    for (const models of fleet) await models[Symbol.asyncDispose]();
  });

  const [one, two, three] = [0, 1, 2].map((place) => (): TestModels => {
    const models = fleet[place];
    if (models === undefined) throw new Error('There is no such instance.');
    return models;
  }) as [() => TestModels, () => TestModels, () => TestModels];

  const targets = (): (string | undefined)[] => fleet.map((models) => models.target());
  const phases = (model: string): string[] => fleet.map((models) => models.phase(model));

  it('have all followed a switch when it ends, and one of them has told it', async () => {
    await one().switch('big');
    expect(targets()).toEqual(['big', 'big', 'big']);
    expect(phases('big')).toEqual(['ready', 'ready', 'ready']);
    expect(fleet.map(({ events }) => events.switches.length)).toEqual([1, 0, 0]);
    expect(two().events.follows).toEqual([{ alias: 'default', from: 'small', to: 'big', generation: 2 }]);
    // The alias was nowhere moved before the model could answer everywhere.
    for (const models of fleet) expect((await heard(models.ask())).finished).toBe(true);
  });

  it('go on from each other’s moves, whoever carries them out', async () => {
    await one().switch('big');
    await two().switch('third');
    await three().switch('big');
    expect(targets()).toEqual(['big', 'big', 'big']);
    const pointers = fleet.map(({ registry }) => registry.aliases.get('default'));
    expect(pointers).toEqual(
      pointers.map(() => expect.objectContaining({ generation: 4, previous: 'third' })),
    );
    // What no alias needs for a rollback any more is gone everywhere.
    await one().switch('small');
    await vi.waitFor(() => expect(phases('third')).toEqual(['unloaded', 'unloaded', 'unloaded']));
  });

  it('load and unload by one order', async () => {
    await two().ordered((progress) => two().moves.load('third', progress));
    expect(phases('third')).toEqual(['ready', 'ready', 'ready']);
    await three().ordered((progress) => three().moves.unload('third', progress));
    expect(phases('third')).toEqual(['unloaded', 'unloaded', 'unloaded']);
  });

  it('load one after another', async () => {
    let loading = 0;
    let most = 0;
    for (const { engine } of fleet) {
      const load = engine.load.bind(engine);
      engine.load = async (...args) => {
        most = Math.max(most, ++loading);
        await new Promise((resolve) => setTimeout(resolve, 30));
        return load(...args).finally(() => loading--);
      };
    }
    await one().switch('big');
    expect(most).toBe(1);
  });

  it('leave the alias when one of them cannot load the model, and say which and why', async () => {
    three().engine.loadFaults.push(
      new ParleyError('config_invalid', 'The weights file big.gguf does not exist.'),
    );
    await expect(one().switch('big')).rejects.toMatchObject({
      code: 'engine_failed',
      message: 'Instance three could not load model "big": The weights file big.gguf does not exist.',
    });
    expect(targets()).toEqual(['small', 'small', 'small']);
    await vi.waitFor(() => expect(phases('big')).toEqual(['unloaded', 'unloaded', 'failed']));
    // Mended, the same order is carried out.
    await one().switch('big');
    expect(targets()).toEqual(['big', 'big', 'big']);
  });

  it('leave it when the one that has the order cannot load the model, and say which that is', async () => {
    one().engine.loadFaults.push(new ParleyError('overloaded', 'It needs 900 MiB.', { retryable: false }));
    await expect(one().switch('big')).rejects.toMatchObject({
      code: 'overloaded',
      retryable: false,
      message: 'Instance one could not load model "big": It needs 900 MiB.',
    });
    expect(targets()).toEqual(['small', 'small', 'small']);
    expect(phases('big')).toEqual(['failed', 'registered', 'registered']);
  });

  it('that come later stand where the others do, and go on from there', async () => {
    await one().switch('big');
    const four = await launch('four');
    expect(four.target()).toBe('big');
    await four.switch('small');
    expect(targets()).toEqual(['small', 'small', 'small', 'small']);
  });

  it('do not wait for one that has gone, and name one that does not know the model', async () => {
    await two().follow[Symbol.asyncDispose]();
    const stranger = await TestModels.launch([aModel()], { state, instance: 'stranger' });
    fleet.push(stranger);
    await stranger.follow.look();
    stranger.follow.start();
    await expect(one().switch('big')).rejects.toMatchObject({
      message: 'Instance stranger could not load model "big": there is no model "big" on this instance',
    });
    await stranger.follow[Symbol.asyncDispose]();
    await one().switch('big');
    expect(one().target()).toBe('big');
    expect(two().target()).toBe('small');
  });

  it('that do not follow in time are named by the job, which has ended well', async () => {
    const lame = fleet[2]?.registry.aliases;
    if (lame !== undefined) vi.spyOn(lame, 'set').mockImplementation(() => undefined);
    const progress: FakeMoveProgress = await one().switch('big');
    expect(progress.notes).toEqual(['Instance three has not moved alias default yet.']);
    expect(one().target()).toBe('big');
  });

  it('say what they have', async () => {
    await one().switch('big');
    await vi.waitFor(async () => {
      const reports = await one().fleet.instances();
      expect(reports.map(({ instance }) => instance)).toEqual(['one', 'three', 'two']);
      for (const { aliases, models } of reports) {
        expect(aliases).toEqual([{ alias: 'default', model: 'big', generation: 2 }]);
        expect(models.find(({ name }) => name === 'big')).toMatchObject({ phase: 'ready', reason: '' });
      }
    });
  });
});
