import { ParleyError } from '@parley/kernel';
import { openSqliteState } from '@parley/state';
import { describe, expect, it, vi } from 'vitest';
import { aModel, anotherModel, TestModels } from '../../../tests/support/test-models.ts';
import { FakeEngine } from '../../ports/fake-engine.ts';
import { FakeProbeVerdicts } from '../../ports/fake-probe-verdicts.ts';

const big = anotherModel('big');

/** A store in which an earlier process has switched `default` to big. */
async function switched(): Promise<ReturnType<typeof openSqliteState>> {
  const state = openSqliteState(':memory:');
  const before = await TestModels.launch([aModel(), big], { state });
  await before.switch('big');
  await before.registry[Symbol.asyncDispose]();
  return state;
}

describe('a start', () => {
  it('comes back with the alias as it was switched, and says that it differs from the files', async () => {
    await using models = await TestModels.launch([aModel(), big], { state: await switched() });
    expect(models.registry.aliases.get('default')).toMatchObject({
      model: 'big',
      generation: 2,
      previous: 'small',
    });
    expect(models.phase('big')).toBe('ready');
    expect(models.engine.loads.map(({ name }) => name)).toEqual(['big', 'small']);
    expect(models.registry.aliases.drifts).toEqual([
      { subject: 'alias default', configured: 'small', actual: 'big' },
    ]);
  });

  it('does what the document says once the document has changed', async () => {
    const changed = aModel({ document: { digest: 'small-2', file: 'models/small.yaml' } });
    await using models = await TestModels.launch([changed, big], { state: await switched() });
    expect(models.registry.aliases.get('default')).toMatchObject({ model: 'small', generation: 3 });
    expect(models.registry.aliases.drifts).toEqual([]);
  });

  it('falls back to the document when the model cannot be loaded, and tries again at the next start', async () => {
    const state = await switched();
    const engine = new FakeEngine();
    engine.loadFaults.push(new ParleyError('engine_failed', 'It is cut off.', { retryable: false }));
    const models = await TestModels.launch([aModel(), big], { state, engine });
    await vi.waitFor(() => expect(models.target()).toBe('small'));
    expect(models.events.fallbacks).toEqual([
      { alias: 'default', wanted: 'big', configured: 'small', reason: 'It is cut off.' },
    ]);
    expect(models.registry.aliases.drifts).toEqual([
      {
        subject: 'alias default',
        configured: 'small',
        actual: 'small, because big, to which it was switched, cannot be had: It is cut off.',
      },
    ]);
    await models.registry[Symbol.asyncDispose]();
    await using mended = await TestModels.launch([aModel(), big], { state });
    expect(mended.target()).toBe('big');
  });

  it('falls back as well when the model is not known any more, and a switch makes that the order', async () => {
    await using models = await TestModels.launch([aModel()], { state: await switched() });
    expect(models.target()).toBe('small');
    expect(models.registry.aliases.drifts[0]?.actual).toContain('there is no model "big"');
    await models.switch('small');
    expect(models.registry.aliases.drifts).toEqual([]);
  });

  it('takes what it cannot read for no order', async () => {
    const state = openSqliteState(':memory:');
    await state.control.put('alias/default', '{"model":7}', 0);
    await using models = await TestModels.launch([aModel()], { state });
    expect(models.registry.aliases.get('default')).toMatchObject({ model: 'small', generation: 1 });
  });

  it('tries out the files of models that wait for an order, so that a switch need not', async () => {
    const verdicts = new FakeProbeVerdicts();
    const engine = new FakeEngine();
    engine.proofs.set('/weights/bad', { ok: false, how: 'was ended by SIGABRT: GGML_ASSERT' });
    await using models = await TestModels.launch([aModel(), big, anotherModel('bad')], { engine, verdicts });
    await vi.waitFor(() => expect(models.events.failures).toHaveLength(1));
    expect(models.events.failures[0]).toMatchObject({
      code: 'engine_failed',
      message: expect.stringMatching(/bad of model "bad" ends the process.*SIGABRT: GGML_ASSERT/),
    });
    expect(engine.loads.map(({ name }) => name)).toEqual(['small']);
    const tries = engine.proven.length;
    await models.switch('big');
    await expect(models.switch('bad')).rejects.toMatchObject({ code: 'engine_failed', retryable: false });
    expect(engine.proven).toHaveLength(tries);
    expect(engine.loads.map(({ name }) => name)).toEqual(['small', 'big']);
    expect(models.target()).toBe('big');
  });
});

describe('a file that its definition gives a digest', () => {
  it('is not loaded when it is another one', async () => {
    const damaged = anotherModel('big', { sha256: 'f'.repeat(64) });
    await using models = await TestModels.launch([aModel(), damaged]);
    await expect(models.switch('big')).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(/weights file big of model "big" has the sha256 .* damaged/),
    });
    expect(models.engine.loads).toHaveLength(1);
  });
});
