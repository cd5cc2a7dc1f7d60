import { ParleyError } from '@parley/kernel';
import { describe, expect, it, vi } from 'vitest';
import { aModel, anotherModel, heard, TestModels } from '../../../tests/support/test-models.ts';
import type { ModelDefinition } from '../models/model-definition.ts';

const big = anotherModel('big');

/** The same model after its file was edited. */
function edited(definition: ModelDefinition, change: Partial<ModelDefinition>): ModelDefinition {
  const { file = '' } = definition.document ?? {};
  return { ...definition, ...change, document: { digest: `${definition.name}-2`, file } };
}

describe('model documents that change while models run', () => {
  it('make new models known, and load those that are to be there from the start', async () => {
    await using models = await TestModels.launch([aModel()]);
    const third = anotherModel('third', { aliases: ['fast'], load: { when: 'start' } });
    expect(await models.reload.apply([aModel(), big, third])).toEqual([]);
    expect(models.phase('big')).toBe('registered');
    expect(models.target('fast')).toBe('third');
    await vi.waitFor(() => expect(models.phase('third')).toBe('ready'));
  });

  it('switch an alias that another model claims now', async () => {
    await using models = await TestModels.launch([aModel(), big]);
    const faults = await models.reload.apply([
      edited(aModel(), { aliases: [] }),
      edited(big, { aliases: ['default'] }),
    ]);
    expect(faults).toEqual([]);
    expect(models.fileSwitches).toEqual(['default big']);
    expect(models.registry.aliases.get('default')).toMatchObject({
      model: 'big',
      generation: 2,
      configured: 'big',
      previous: 'small',
    });
    expect(models.registry.aliases.drifts).toEqual([]);
  });

  it('win over a switch by order once the file of the alias has changed, and not before', async () => {
    await using models = await TestModels.launch([aModel(), big]);
    await models.switch('big');
    await models.reload.apply([aModel(), edited(big, { description: 'Big.' })]);
    expect(models.target()).toBe('big');
    await models.reload.apply([edited(aModel(), { description: 'Small.' }), big]);
    expect(models.target()).toBe('small');
  });

  it('change how a loaded model is called without loading it again', async () => {
    await using models = await TestModels.launch([aModel()]);
    const profile = { sampling: { temperature: 0.1 }, stop: ['END'], systemRole: true };
    await models.reload.apply([edited(aModel(), { profile })]);
    await heard(models.ask());
    expect(models.engine.loads).toHaveLength(1);
    expect(models.engine.requests.at(-1)).toMatchObject({ stop: ['END'], sampling: { temperature: 0.1 } });
  });

  it('load a changed model beside its old form, which ends what it has begun', async () => {
    await using models = await TestModels.launch([aModel()]);
    const [old] = models.engine.models;
    const gate = Promise.withResolvers<void>();
    if (old !== undefined) old.gate = gate.promise;
    const running = models.ask();
    await running.next();
    expect(await models.reload.apply([edited(aModel(), { slots: 3, path: '/weights/other' })])).toEqual([]);
    expect(models.engine.loads.at(-1)).toMatchObject({ name: 'small', slots: 3, path: '/weights/other' });
    expect((await heard(models.ask())).finished).toBe(true);
    gate.resolve();
    expect(await heard(running)).toMatchObject({ finished: true });
    await vi.waitFor(() => expect(old?.disposed).toBe(true));
    await vi.waitFor(() => expect(models.events.phases.at(-1)).toEqual(['small', 'ready']));
  });

  it('that cannot be loaded leave the last good form, and the file is named', async () => {
    await using models = await TestModels.launch([aModel()]);
    models.engine.loadFaults.push(new ParleyError('config_invalid', 'The file is cut off.'));
    const faults = await models.reload.apply([edited(aModel(), { path: '/weights/bad' })]);
    expect(faults).toEqual([
      {
        file: 'models/small.yaml',
        message: 'The file is cut off. What was in effect before stays.',
      },
    ]);
    expect((await heard(models.ask())).finished).toBe(true);
    expect(models.phase('small')).toBe('ready');
  });

  it('take a model away that nothing describes and no alias leads to any more', async () => {
    await using models = await TestModels.launch([
      aModel(),
      anotherModel('big', { load: { when: 'start' } }),
    ]);
    await models.reload.apply([aModel()]);
    await vi.waitFor(() => expect(models.registry.models.map(({ name }) => name)).toEqual(['small']));
    await models.reload.apply([big]);
    expect(models.registry.models.map(({ name }) => name)).toEqual(['small', 'big']);
    expect((await heard(models.ask())).finished).toBe(true);
  });
});
