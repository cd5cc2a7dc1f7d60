import { ParleyError } from '@parley/kernel';
import { describe, expect, it, vi } from 'vitest';
import { FakeEngine } from '../ports/fake-engine.ts';
import { fakeDigest, FakeFileDigests } from '../ports/fake-file-digests.ts';
import { FakeModelEvents } from '../ports/fake-model-events.ts';
import type { ModelDefinition } from './model-definition.ts';
import { ModelRegistry } from './model-registry.ts';

function aModel(change: Partial<ModelDefinition> = {}): ModelDefinition {
  return {
    name: 'small',
    version: '1.0.0',
    description: '',
    engine: 'fake',
    path: '/weights/small',
    aliases: ['default'],
    contextTokens: 100,
    slots: 2,
    maxQueued: 3,
    terms: { license: 'MIT' },
    profile: {
      sampling: {},
      stop: [],
      systemRole: true,
    },
    ...change,
  };
}

function start(definitions: readonly ModelDefinition[], engine = new FakeEngine()) {
  const events = new FakeModelEvents();
  const registry = new ModelRegistry(definitions, new Map([['fake', engine]]), {
    digests: new FakeFileDigests(),
    events,
    clock: { now: () => performance.now() },
    promptTokensPerStep: 128,
    loadTimeoutMs: 1e4,
  });
  registry.start();
  return { registry, engine, events };
}

async function readiness(registry: ModelRegistry, name = 'default'): Promise<void> {
  await vi.waitFor(() => registry.find(name).ready());
}

describe('the model registry', () => {
  it('finds a model by alias, name and digest, and the default without a name', async () => {
    await using fleet = start([
      aModel(),
      aModel({ name: 'big', path: '/weights/big', aliases: ['smart'] }),
    ]).registry;
    await readiness(fleet);
    await readiness(fleet, 'big');
    expect(fleet.find('').definition.name).toBe('small');
    expect(fleet.find('smart').definition.name).toBe('big');
    expect(fleet.find('big').definition.name).toBe('big');
    expect(fleet.find(fakeDigest('/weights/big')).definition.name).toBe('big');
  });

  it('names what there is when a model is not known', async () => {
    await using fleet = start([aModel()]).registry;
    expect(() => fleet.find('other')).toThrowError(
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
    await using fleet = start([aModel()], engine).registry;
    await vi.waitFor(() => expect(engine.loads).toHaveLength(1));
    expect(() => fleet.find('').ready()).toThrowError(
      expect.objectContaining({
        code: 'model_not_ready',
        message: 'Model "small" is not ready: loading weights, 50 %.',
        retryAfterMs: expect.any(Number),
      }),
    );
    gate.resolve();
    await readiness(fleet);
  });

  it('keeps a digest that it does not hold apart from one that is being loaded', async () => {
    const { registry, engine } = start([aModel()]);
    await using fleet = registry;
    await readiness(fleet);
    expect(() => fleet.holding('0'.repeat(64))).toThrowError(
      expect.objectContaining({ code: 'model_not_here' }),
    );
    const gate = Promise.withResolvers<void>();
    engine.gate = gate.promise;
    engine.models[0]?.lose(new ParleyError('engine_failed', 'The engine died.'));
    await vi.waitFor(() => expect(engine.loads).toHaveLength(2));
    expect(fleet.holding(fakeDigest('/weights/small')).state.phase).toBe('loading');
    gate.resolve();
  });

  it('loads a model again that its engine has lost', async () => {
    const { registry, engine, events } = start([aModel()]);
    await using fleet = registry;
    await readiness(fleet);
    const first = fleet.find('').ready();
    engine.models[0]?.lose(new ParleyError('engine_failed', 'The engine died.'));
    await vi.waitFor(() => expect(fleet.find('').ready()).not.toBe(first));
    expect(engine.models[0]?.disposed).toBe(true);
    expect(events.phases.map(([, phase]) => phase)).toEqual(['loading', 'ready', 'loading', 'ready']);
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
    const { registry, events } = start([aModel()], engine);
    await using fleet = registry;
    await vi.waitFor(() => expect(fleet.find('').state.phase).toBe('failed'), { timeout: 5000 });
    expect(engine.loads).toHaveLength(3);
    expect(events.failures).toHaveLength(3);
    expect(() => fleet.find('').ready()).toThrow(/SIGABRT/);
  });

  it('does not try a broken file again', async () => {
    const engine = new FakeEngine();
    engine.loadFaults.push(new ParleyError('engine_failed', 'The file is cut off.', { retryable: false }));
    await using fleet = start([aModel()], engine).registry;
    await vi.waitFor(() => expect(fleet.find('').state.phase).toBe('failed'));
    expect(engine.loads).toHaveLength(1);
  });

  it('goes on with the other models when one fails', async () => {
    const engine = new FakeEngine();
    engine.loadFaults.push(new ParleyError('engine_failed', 'Broken.', { retryable: false }));
    await using fleet = start(
      [aModel({ aliases: [] }), aModel({ name: 'good', path: '/weights/good' })],
      engine,
    ).registry;
    await readiness(fleet, 'good');
    expect(fleet.find('small').state.phase).toBe('failed');
  });

  it('gives the models back when it is disposed, in the middle of a load too', async () => {
    const { registry, engine } = start([aModel()]);
    await readiness(registry);
    await registry[Symbol.asyncDispose]();
    expect(engine.models[0]?.disposed).toBe(true);
  });

  it('refuses definitions that contradict each other', () => {
    expect(() => start([aModel(), aModel()])).toThrow(/Two models/);
    expect(() => start([aModel(), aModel({ name: 'other' })])).toThrow(/both answer to "default"/);
    expect(() => start([aModel({ aliases: ['other'] }), aModel({ name: 'other', aliases: [] })])).toThrow(
      /both answer to "other"/,
    );
    expect(() => start([aModel({ engine: 'warp' })])).toThrow(/"warp"; there are: fake/);
  });
});
