import { openSqliteState } from '@parley/state';
import { describe, expect, it } from 'vitest';
import { aModel, anotherModel, heard, TestModels } from '../../../tests/support/test-models.ts';
import { FakeEngine } from '../../ports/fake-engine.ts';
import type { ModelLineage } from '../models/model-definition.ts';

const lineage: ModelLineage = {
  from: 'small',
  fromSha256: 'a'.repeat(64),
  format: 'q4_0',
  passed: true,
  kept: 0.97,
  verdict: 'It keeps 97.0 %.',
};
const definitions = [
  aModel(),
  anotherModel('small-q4_0', { lineage }),
  anotherModel('small-q3_k_m', { lineage: { ...lineage, passed: false, verdict: 'It keeps 80.0 %.' } }),
  anotherModel('big'),
];

function launch(state = openSqliteState(':memory:')): Promise<TestModels> {
  const engine = new FakeEngine();
  engine.saysItsName = true;
  return TestModels.launch(definitions, { engine, state });
}

const answerer = async (models: TestModels, named: string): Promise<string> =>
  (await heard(models.ask(named))).model;

describe('the name of a model', () => {
  it('may be switched to a quantised form that passed its gate, and back', async () => {
    await using models = await launch();
    await models.switch('small-q4_0', 'small');
    expect(await answerer(models, 'small')).toBe('small-q4_0');
    // An alias means the model that it was given, whatever that model's name leads to.
    expect(await answerer(models, 'default')).toBe('small');
    expect(models.moves.checkRollback('small').name).toBe('small');
    await models.switch('small', 'small');
    expect(await answerer(models, 'small')).toBe('small');
  });

  it('means the model itself in orders', async () => {
    await using models = await launch();
    await models.switch('small-q4_0', 'small');
    expect(models.moves.checkLoad('small').name).toBe('small');
    expect(() => models.moves.checkUnload('small-q4_0')).toThrow(
      'Alias "small" points to model "small-q4_0"',
    );
  });

  it.each([
    ['small-q3_k_m', '"small-q3_k_m" may not answer to the name "small": It keeps 80.0 %.'],
    ['big', '"small" is the name of a model, not an alias'],
  ])('is not given to %s', async (other, reason) => {
    await using models = await launch();
    await expect(models.switch(other, 'small')).rejects.toThrow(reason);
    await models.switch(other, 'default');
    expect(await answerer(models, 'default')).toBe(other);
    expect(await answerer(models, 'small')).toBe('small');
  });

  it('leads where it was switched to after a restart', async () => {
    const state = openSqliteState(':memory:');
    await using before = await launch(state);
    await before.switch('small-q4_0', 'small');
    await using models = await launch(state);
    expect(await answerer(models, 'small')).toBe('small-q4_0');
  });
});
