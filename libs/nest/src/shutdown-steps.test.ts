import { createLogger } from '@parley/telemetry';
import { sleep } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { ShutdownSteps } from './shutdown-steps.ts';

const logger = createLogger('model', 'test', 'silent');

describe('shutdown steps', () => {
  it('run one after the other, in order of registration', async () => {
    const steps = new ShutdownSteps();
    const seen: string[] = [];
    steps.add('slow', async () => {
      await sleep(20);
      seen.push('slow');
    });
    steps.add('fast', () => Promise.resolve(void seen.push('fast')));
    await steps.runBeforeClose(1000, logger);
    expect(seen).toEqual(['slow', 'fast']);
  });

  it('after the close run in the opposite order, so that what was opened last closes first', async () => {
    const steps = new ShutdownSteps();
    const seen: string[] = [];
    steps.addAfterClose('store', () => Promise.resolve(void seen.push('store')));
    steps.addAfterClose('user of the store', () => Promise.resolve(void seen.push('user')));
    await steps.runBeforeClose(1000, logger);
    expect(seen).toEqual([]);
    await steps.runAfterClose(1000, logger);
    expect(seen).toEqual(['user', 'store']);
  });

  it('go on after one that fails, by rejection or by throwing', async () => {
    const steps = new ShutdownSteps();
    let last = false;
    steps.add('rejects', () => Promise.reject(new Error('no')));
    steps.add('throws', () => {
      throw new Error('no');
    });
    steps.add('last', () => Promise.resolve(void (last = true)));
    await steps.runBeforeClose(1000, logger);
    expect(last).toBe(true);
  });

  it('go on after one that hangs, which is told to give up', async () => {
    const steps = new ShutdownSteps();
    let toldToGiveUp = false;
    let last = false;
    steps.add(
      'hangs',
      (signal) => new Promise(() => signal.addEventListener('abort', () => (toldToGiveUp = true))),
    );
    steps.add('last', () => Promise.resolve(void (last = true)));
    const begin = performance.now();
    await steps.runBeforeClose(50, logger);
    expect({ toldToGiveUp, last }).toEqual({ toldToGiveUp: true, last: true });
    expect(performance.now() - begin).toBeLessThan(3000);
  });
});
