import { describe, expect, it } from 'vitest';
import type { EventLogHealth, EventSubscriber, SubscribeOptions } from '@parley/events/ports';
import type { Recorder } from '../../../domain/recorder.ts';
import { received, turnEvent } from '../../../../tests/support/records.ts';
import { RecordConsumer } from './record-consumer.ts';

class FakeLog implements EventSubscriber {
  options: SubscribeOptions | undefined;
  left = 0;
  answers: EventLogHealth = { ok: true, reason: '' };

  subscribe(options: SubscribeOptions) {
    this.options = options;
    return Promise.resolve({
      lag: () => Promise.resolve(this.left),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  }

  read() {
    return Promise.resolve({ records: [], next: '' });
  }

  health() {
    return this.answers;
  }
}

function consumerOf(log: FakeLog, record: () => Promise<void> = () => Promise.resolve()) {
  const lags: number[] = [];
  const events = {
    batchWritten: () => undefined,
    consumeFailed: () => undefined,
    lagMeasured: (lag: number) => void lags.push(lag),
  };
  return { lags, consumer: new RecordConsumer(log, ['a', 'b'], { record } as unknown as Recorder, events) };
}

describe('the consumer', () => {
  it('is sound while it is subscribed, as the group "logging"', async () => {
    const log = new FakeLog();
    const { consumer } = consumerOf(log);
    expect(consumer.health().ok).toBe(false);
    await consumer.start();
    expect(log.options).toMatchObject({ group: 'logging', topics: ['a', 'b'] });
    expect(consumer.health()).toEqual({ ok: true });
    log.answers = { ok: false, reason: 'no broker answers' };
    expect(consumer.health()).toEqual({ ok: false, reason: 'no broker answers' });
    log.answers = { ok: true, reason: '' };
    await consumer[Symbol.asyncDispose]();
    expect(consumer.health().ok).toBe(false);
  });

  it('lets a batch that cannot be recorded come again, and is unsound until one is', async () => {
    const log = new FakeLog();
    let broken = true;
    const { consumer } = consumerOf(log, () =>
      broken ? Promise.reject(new Error('disk')) : Promise.resolve(),
    );
    await consumer.start();
    const batch = received(turnEvent('resp_1'));
    await expect(log.options?.onBatch(batch, new AbortController().signal)).rejects.toThrow('disk');
    log.options?.onError?.(new Error('disk'));
    expect(consumer.health().ok).toBe(false);
    broken = false;
    await log.options?.onBatch(batch, new AbortController().signal);
    expect(consumer.health()).toEqual({ ok: true });
  });

  it('tells how far it is behind, and is sound again when nothing is left', async () => {
    const log = new FakeLog();
    const { consumer, lags } = consumerOf(log);
    await consumer.measureLag();
    await consumer.start();
    log.options?.onError?.(new Error('locked'));
    log.left = 5;
    await consumer.measureLag();
    expect(consumer.health().ok).toBe(false);
    log.left = 0;
    await consumer.measureLag();
    expect(consumer.health()).toEqual({ ok: true });
    expect(lags).toEqual([5, 0]);
  });
});
