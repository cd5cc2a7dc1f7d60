import { beforeEach, describe, expect, it } from 'vitest';
import { FleetView } from './fleet-view.ts';
import type { Description, Observation } from './observation.ts';

const model = { service: 'model', address: '127.0.0.1:1' };
const gateway = { service: 'gateway', address: '127.0.0.1:2' };

function answered(change: Partial<Description> = {}): Observation {
  const said = {
    service: 'model',
    instanceId: 'i1',
    version: '1.0.0',
    residentMemoryBytes: 100,
    ready: true,
    checks: [],
  };
  return { kind: 'answered', description: { ...said, ...change } };
}

const silent: Observation = { kind: 'silent', reason: 'No answer within 1500 ms.' };
const refused: Observation = { kind: 'refused', reason: 'Nobody listens at its address.' };

let now: number;
let view: FleetView;

beforeEach(() => {
  now = 1000;
  view = new FleetView([gateway, model], { now: () => now });
});

function ofModel() {
  return view.status().instances[1];
}

describe('the view of the fleet', () => {
  it('knows every target from the start, in their order', () => {
    expect(view.status()).toMatchObject({
      observedAtMs: 1000,
      instances: [
        { ...gateway, health: 'unknown', instanceId: '', sinceMs: 1000 },
        { ...model, health: 'unknown', instanceId: '', sinceMs: 1000 },
      ],
    });
  });

  it('shows an instance that answers as ready', () => {
    now = 2000;
    expect(view.observe(model, answered())).toMatchObject({
      before: { health: 'unknown' },
      after: { health: 'ready' },
      restarted: false,
    });
    expect(ofModel()).toEqual({
      ...model,
      health: 'ready',
      reason: '',
      sinceMs: 2000,
      instanceId: 'i1',
      version: '1.0.0',
      residentMemoryBytes: 100,
      lastAnswerAtMs: 2000,
    });
  });

  it('sees no change in an instance that only uses other memory, and shows it all the same', () => {
    view.observe(model, answered());
    now = 3000;
    expect(view.observe(model, answered({ residentMemoryBytes: 200 }))).toBeUndefined();
    expect(ofModel()).toMatchObject({ residentMemoryBytes: 200, lastAnswerAtMs: 3000, sinceMs: 1000 });
  });

  it('passes on why an instance is not ready', () => {
    const checks = [
      { name: 'lifecycle', ok: true, reason: '' },
      { name: 'engine', ok: false, reason: 'loading parley-tiny' },
      { name: 'disk', ok: false, reason: '' },
    ];
    view.observe(model, answered({ ready: false, checks }));
    expect(ofModel()).toMatchObject({ health: 'not_ready', reason: 'engine: loading parley-tiny; disk' });
    view.observe(model, answered({ ready: false }));
    expect(ofModel()?.reason).not.toBe('');
  });

  it('sees a change of the reason alone, since the same time', () => {
    const notReady = (reason: string) =>
      answered({ ready: false, checks: [{ name: 'engine', ok: false, reason }] });
    view.observe(model, notReady('loading'));
    now = 2000;
    expect(view.observe(model, notReady('failed'))).toMatchObject({
      after: { reason: 'engine: failed', sinceMs: 1000 },
    });
  });

  it('keeps what an instance said last when it does not answer any more', () => {
    view.observe(model, answered());
    now = 5000;
    view.observe(model, silent);
    expect(ofModel()).toMatchObject({
      health: 'unresponsive',
      reason: silent.reason,
      sinceMs: 5000,
      instanceId: 'i1',
      lastAnswerAtMs: 1000,
    });
    now = 6000;
    view.observe(model, refused);
    expect(ofModel()).toMatchObject({
      health: 'down',
      reason: refused.reason,
      sinceMs: 6000,
      instanceId: 'i1',
    });
  });

  it('shows recovery with the first answer', () => {
    view.observe(model, silent);
    expect(view.observe(model, answered())).toMatchObject({
      after: { health: 'ready', reason: '' },
      restarted: false,
    });
  });

  it('notices another process behind the address, even when it was never seen away', () => {
    view.observe(model, answered());
    now = 2000;
    expect(view.observe(model, answered({ instanceId: 'i2' }))).toMatchObject({
      restarted: true,
      after: { health: 'ready', sinceMs: 2000 },
    });
  });

  it('does not take another service for the one it looks for', () => {
    view.observe(model, answered({ service: 'dialogue' }));
    expect(ofModel()).toMatchObject({
      health: 'not_ready',
      reason: 'A dialogue service answers at this address.',
    });
  });

  it('shows an instance that answers with errors as not ready', () => {
    view.observe(model, { kind: 'faulty', reason: 'It answers with the error unauthenticated.' });
    expect(ofModel()).toMatchObject({
      health: 'not_ready',
      reason: 'It answers with the error unauthenticated.',
    });
  });

  it('keeps instances apart', () => {
    view.observe(model, refused);
    expect(view.status().instances.map((one) => one.health)).toEqual(['unknown', 'down']);
    expect(view.observe({ service: 'logging', address: 'x:1' }, refused)).toBeUndefined();
  });
});
