import { describe, expect, it } from 'vitest';
import { Readiness } from './readiness.ts';

function started(): Readiness {
  const readiness = new Readiness();
  readiness.started();
  return readiness;
}

describe('readiness', () => {
  it('is not given before the servers listen', () => {
    const readiness = new Readiness();
    expect(readiness.report()).toEqual({
      ready: false,
      checks: [{ name: 'lifecycle', ok: false, reason: 'starting', lasting: false }],
    });
    readiness.started();
    expect(readiness.report().ready).toBe(true);
  });

  it('needs every check, and tells the reason of each that fails', () => {
    const readiness = started();
    readiness.add('store', () => ({ ok: true, reason: 'ignored' }));
    readiness.add('model', () => ({ ok: false, reason: 'no model is loaded' }));
    readiness.add('bus', () => ({ ok: false }));
    expect(readiness.report()).toEqual({
      ready: false,
      checks: [
        { name: 'lifecycle', ok: true, reason: '', lasting: false },
        { name: 'store', ok: true, reason: '', lasting: false },
        { name: 'model', ok: false, reason: 'no model is loaded', lasting: false },
        { name: 'bus', ok: false, reason: 'not ok', lasting: false },
      ],
    });
  });

  it('tells the note of a check that is ok', () => {
    const readiness = started();
    readiness.add('event log', () => ({ ok: true, note: 'away; events wait' }));
    expect(readiness.report()).toMatchObject({
      ready: true,
      checks: [{ name: 'lifecycle' }, { name: 'event log', ok: true, reason: 'away; events wait' }],
    });
  });

  it('counts a check that throws as failed', () => {
    const readiness = started();
    readiness.add('store', () => {
      throw new Error('the file is gone');
    });
    expect(readiness.report().checks[1]).toEqual({
      name: 'store',
      ok: false,
      reason: 'the file is gone',
      lasting: false,
    });
  });

  it('follows a check that recovers', () => {
    const readiness = started();
    let loaded = false;
    readiness.add('model', () => ({ ok: loaded, reason: 'loading' }));
    expect(readiness.report().ready).toBe(false);
    loaded = true;
    expect(readiness.report().ready).toBe(true);
  });

  it('never comes back once draining, and says so to its listeners', () => {
    const readiness = started();
    let told = 0;
    readiness.onDrain(() => told++);
    readiness.onDrain(() => told++);
    readiness.drain();
    readiness.started();
    expect(readiness.report().checks[0]).toEqual({
      name: 'lifecycle',
      ok: false,
      reason: 'draining',
      lasting: false,
    });
    expect(told).toBe(2);
  });
});
