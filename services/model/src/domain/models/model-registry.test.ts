import { ParleyError } from '@parley/kernel';
import { describe, expect, it, vi } from 'vitest';
import { aModel, anotherModel, TestModels } from '../../../tests/support/test-models.ts';
import { FakeEngine } from '../../ports/fake-engine.ts';
import { fakeDigest } from '../../ports/fake-file-digests.ts';
import type { ModelDefinition } from './model-definition.ts';

const bigModel = aModel({ name: 'big', path: '/weights/big', aliases: ['smart'] });

/** Started, and nothing waited for. */
async function start(
  definitions: readonly ModelDefinition[],
  engine = new FakeEngine(),
): Promise<TestModels> {
  const models = new TestModels(definitions, { engine });
  await models.start();
  return models;
}

describe('the model registry', () => {
  it('finds a model by alias, name and digest, and the default without a name', async () => {
    await using models = await TestModels.launch([aModel(), bigModel]);
    const fleet = models.registry;
    expect(fleet.find('').definition.name).toBe('small');
    expect(fleet.find('smart').definition.name).toBe('big');
    expect(fleet.find('big').definition.name).toBe('big');
    expect(fleet.find(fakeDigest('/weights/big')).definition.name).toBe('big');
  });

  it('names what there is when a model is not known', async () => {
    await using models = await TestModels.launch([aModel()]);
    expect(() => models.registry.find('other')).toThrowError(
      expect.objectContaining({
        code: 'model_not_found',
        message: 'There is no model "other". There are: default, small.',
      }),
    );
  });

  it('says why a known model is not ready and when to try again', async () => {
    const engine = new FakeEngine();
    const gate = Promise.withResolvers<void>();
    engine.gate = gate.promise;
    await using models = await start([aModel()], engine);
    await vi.waitFor(() => expect(engine.loads).toHaveLength(1));
    expect(() => models.registry.resolve('')).toThrowError(
      expect.objectContaining({
        code: 'model_not_ready',
        message: 'Model "small" is not ready: loading weights, 50 %.',
        retryAfterMs: expect.any(Number),
      }),
    );
    gate.resolve();
    await vi.waitFor(() => models.registry.resolve(''));
  });

  it('keeps a digest that it does not hold apart from one that is being loaded', async () => {
    await using models = await TestModels.launch([aModel()]);
    const { registry: fleet, engine } = models;
    expect(() => fleet.holder('0'.repeat(64))).toThrowError(
      expect.objectContaining({ code: 'model_not_here' }),
    );
    const gate = Promise.withResolvers<void>();
    engine.gate = gate.promise;
    engine.models[0]?.lose(new ParleyError('engine_failed', 'The engine died.'));
    await vi.waitFor(() => expect(engine.loads).toHaveLength(2));
    expect(fleet.holder(fakeDigest('/weights/small')).state.phase).toBe('loading');
    gate.resolve();
  });

  it('loads a model again that its engine has lost', async () => {
    await using models = await TestModels.launch([aModel()]);
    const { registry: fleet, engine, events } = models;
    const first = fleet.resolve('').ready();
    engine.models[0]?.lose(new ParleyError('engine_failed', 'The engine died.'));
    await vi.waitFor(() => expect(fleet.resolve('').ready()).not.toBe(first));
    expect(engine.models[0]?.disposed).toBe(true);
    expect(events.phases.map(([, phase]) => phase)).toEqual([
      'registered',
      'loading',
      'ready',
      'loading',
      'ready',
    ]);
    expect(events.failures).toHaveLength(1);
    expect(events.loads).toHaveLength(2);
  });

  it('tries a load again that may work later, and leaves a model alone that fails time and again', async () => {
    const engine = new FakeEngine();
    const died = new ParleyError(
      'engine_failed',
      'The engine host was ended by SIGABRT while it loaded model "small".',
    );
    engine.loadFaults.push(died, died, died);
    await using models = await TestModels.launch([aModel()], { engine });
    const { registry: fleet, events } = models;
    expect(models.phase('')).toBe('failed');
    expect(engine.loads).toHaveLength(3);
    expect(events.failures).toHaveLength(3);
    expect(() => fleet.resolve('')).toThrow(/SIGABRT/);
  });

  it('does not try a broken file again', async () => {
    const engine = new FakeEngine();
    engine.loadFaults.push(new ParleyError('engine_failed', 'The file is cut off.', { retryable: false }));
    await using models = await TestModels.launch([aModel()], { engine });
    expect(models.phase('')).toBe('failed');
    expect(engine.loads).toHaveLength(1);
  });

  it('goes on with the other models when one fails', async () => {
    const engine = new FakeEngine();
    engine.loadFaults.push(new ParleyError('engine_failed', 'Broken.', { retryable: false }));
    await using models = await TestModels.launch([aModel(), bigModel], { engine });
    expect(models.phase('small')).toBe('failed');
    expect(models.phase('big')).toBe('ready');
  });

  it('gives the models back when it is disposed, in the middle of a load too', async () => {
    const models = await TestModels.launch([aModel()]);
    await models[Symbol.asyncDispose]();
    expect(models.engine.models[0]?.disposed).toBe(true);
    const engine = new FakeEngine();
    const gate = Promise.withResolvers<void>();
    engine.gate = gate.promise;
    const loading = await start([aModel()], engine);
    await vi.waitFor(() => expect(engine.loads).toHaveLength(1));
    const disposed = loading[Symbol.asyncDispose]();
    gate.resolve();
    await disposed;
    expect(engine.models.filter((model) => !model.disposed)).toEqual([]);
  });

  it('refuses definitions that contradict each other', () => {
    const refusal = (...definitions: ModelDefinition[]) => {
      return () => new TestModels(definitions);
    };
    expect(refusal(aModel(), aModel())).toThrow(/Two models/);
    expect(refusal(aModel(), aModel({ name: 'other' }))).toThrow(/both answer to "default"/);
    expect(refusal(aModel({ aliases: ['other'] }), aModel({ name: 'other', aliases: [] }))).toThrow(
      /both answer to "other"/,
    );
    expect(refusal(aModel({ engine: 'warp' }))).toThrow(/"warp"; there are: fake/);
  });
});

describe('a model that is registered while the process runs', () => {
  const { document: _, ...pulled } = anotherModel('pulled');

  it('is known and not loaded, which is a wait, not an absence', async () => {
    await using models = await TestModels.launch([aModel()]);
    models.registry.register(pulled);
    expect(models.phase('pulled')).toBe('registered');
    expect(() => models.registry.resolve('pulled')).toThrowError(
      expect.objectContaining({
        code: 'model_not_ready',
        message: expect.stringContaining('parley models load pulled'),
      }),
    );
    await models.ordered((progress) => models.moves.load('pulled', progress));
    expect(models.registry.resolve('pulled').identity.digest).toBe(fakeDigest('/weights/pulled'));
  });

  it("may come again as it is, or replaced while it is not loaded, but takes nobody else's name", async () => {
    await using models = await TestModels.launch([aModel()]);
    const { registry } = models;
    registry.register(pulled);
    registry.register({ ...pulled });
    registry.register({ ...pulled, version: '2.0.0' });
    expect(registry.find('pulled').definition.version).toBe('2.0.0');
    await models.ordered((progress) => models.moves.load('pulled', progress));
    expect(() => registry.register(pulled)).toThrow(/is loaded/);
    expect(() => registry.register({ ...pulled, name: 'small' })).toThrow(/models\/small.yaml/);
    expect(() => registry.register({ ...pulled, name: 'other', aliases: ['default'] })).toThrow(
      /both answer to "default"/,
    );
  });

  it('may want an engine that is not here: then its load says so', async () => {
    await using models = await TestModels.launch([aModel()]);
    models.registry.register({ ...pulled, engine: 'onnx' });
    const load = models.ordered((progress) => models.moves.load('pulled', progress));
    await expect(load).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/"onnx", which is not installed; there are: fake/),
    });
  });
});
