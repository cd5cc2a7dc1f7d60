import { ParleyError } from '@parley/kernel';
import { expect, it, vi } from 'vitest';
import { aModel, anotherModel, TestModels } from '../../../tests/support/test-models.ts';
import { FakeEngine } from '../../ports/fake-engine.ts';

const patience = { timeout: 10_000, interval: 20 };

function away(tries: number): ParleyError[] {
  const error = new ParleyError('unavailable', 'Model "m" at gpu-1:8000 cannot be reached: ECONNREFUSED.');
  return Array.from({ length: tries }, () => error);
}

it('a model whose server is away says so, is tried again and again, and comes back by itself', async () => {
  const engine = new FakeEngine();
  await using models = await TestModels.launch([aModel()], { engine });
  engine.loadFaults.push(...away(3));
  engine.models[0]?.lose(new ParleyError('engine_failed', 'It went away.'));
  await vi.waitFor(() => {
    const { state } = models.registry.find('');
    expect(state).toMatchObject({ phase: 'loading', away: { code: 'unavailable' } });
  }, patience);
  expect(models.registry.find('').whyNotReady()).toContain('gpu-1:8000 cannot be reached: ECONNREFUSED.');
  expect(() => models.ask()).toThrow(expect.objectContaining({ code: 'model_not_ready', retryable: true }));
  await vi.waitFor(() => expect(models.phase('small')).toBe('ready'), patience);
});

it('an order does not wait for a server that is away', async () => {
  const engine = new FakeEngine();
  await using models = await TestModels.launch([aModel(), anotherModel('far')], { engine });
  engine.loadFaults.push(...away(10));
  await expect(models.switch('far')).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('cannot be reached'),
  });
  expect(models.target()).toBe('small');
  await models.registry.find('far').unload();
});
