import { ParleyError } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import type { WaitingRecord } from './append-queue.ts';
import { fakeRecord } from './fake-record.ts';
import { KafkaAppender } from './kafka-appender.ts';
import type { BatchSender } from './kafka-appender.ts';

/** A cluster in small: takes batches, refuses them, or says nothing, as told. */
class FakeSender implements BatchSender {
  readonly batches: string[][] = [];
  answer: (batch: readonly WaitingRecord[]) => Promise<void> = () => Promise.resolve();

  async send(batch: readonly WaitingRecord[]): Promise<void> {
    this.batches.push(batch.map(({ message }) => message.value ?? ''));
    await this.answer(batch);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

function appender(timeoutMs?: number): { sender: FakeSender; log: KafkaAppender } {
  const sender = new FakeSender();
  return { sender, log: new KafkaAppender(sender, () => 'The broker is gone.', timeoutMs) };
}

/** Everything that was about to happen has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const record = (data: string) => fakeRecord({ data });
const tooLarge = (): Error => Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE' });

describe('appends to Kafka', () => {
  it('go out at once, and together what comes while one is on its way', async () => {
    const { sender, log } = appender();
    const first = Promise.withResolvers<void>();
    sender.answer = () => first.promise;
    const appends = [log.append([record('0')])];
    await Promise.resolve();
    await Promise.resolve();
    sender.answer = () => Promise.resolve();
    for (const data of ['1', '2', '3']) appends.push(log.append([record(data)]));
    first.resolve();
    await Promise.all(appends);
    expect(sender.batches).toEqual([['0'], ['1', '2', '3']]);
  });

  it('are cut into batches by count and by bytes, a large record alone', async () => {
    const { sender, log } = appender();
    await log.append(Array.from({ length: 1_200 }, (_, i) => record(`${i}`)));
    expect(sender.batches.map(({ length }) => length)).toEqual([500, 500, 200]);
    sender.batches.length = 0;
    await log.append(['x'.repeat(500_000), 'y'.repeat(500_000), 'z'.repeat(5_000_000), '0'].map(record));
    expect(sender.batches.map(({ length }) => length)).toEqual([1, 1, 1, 1]);
  });

  it('fail when their time is over, with what is known of the cluster, and what waits does too', async () => {
    const { sender, log } = appender(50);
    const answer = Promise.withResolvers<void>();
    sender.answer = () => answer.promise;
    const first = log.append([record('0')]);
    const second = log.append([record('1')]);
    const late = {
      code: 'unavailable',
      message: 'Kafka has not taken the events within 0.05 s. The broker is gone.',
    };
    await expect(first).rejects.toMatchObject(late);
    await expect(second).rejects.toMatchObject(late);
    sender.answer = () => Promise.resolve();
    answer.reject(new Error('given up'));
    await settled();
    await log.append([record('2')]);
    expect(sender.batches).toEqual([['0', '1'], ['2']]);
  });

  it('that wait behind one that fails fail with it, so that none overtakes it', async () => {
    const { sender, log } = appender();
    const answer = Promise.withResolvers<void>();
    sender.answer = () => answer.promise;
    const first = log.append([record('0')]);
    await settled();
    const behind = log.append([record('1')]);
    answer.reject(new Error('the leader is gone'));
    await expect(first).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await expect(behind).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    expect(sender.batches).toEqual([['0']]);
  });

  it('are halved until only the record fails that its topic never takes', async () => {
    const { sender, log } = appender();
    sender.answer = (batch) =>
      batch.length > 2 || batch.some(({ message }) => message.value === 'large')
        ? Promise.reject(tooLarge())
        : Promise.resolve();
    await log.append(['0', '1', '2', '3', '4'].map(record));
    expect(sender.batches.filter(({ length }) => length <= 2).flat()).toEqual(['0', '1', '2', '3', '4']);
    const large = log.append([record('large')]);
    await expect(large).rejects.toMatchObject({ code: 'payload_too_large', retryable: false });
    await log.append([record('5')]);
    expect(sender.batches.at(-1)).toEqual(['5']);
  });

  it('are refused at once when too much waits, and taken again when it does not', async () => {
    const { sender, log } = appender();
    const gate = Promise.withResolvers<void>();
    sender.answer = () => gate.promise;
    const megabyte = 'x'.repeat(1_000_000);
    const big = Array.from({ length: 60 }, () => record(megabyte));
    const waiting = log.append(big);
    await expect(log.append(big.slice(0, 10))).rejects.toMatchObject({
      code: 'overloaded',
      retryAfterMs: 1_000,
    });
    const many = Array.from({ length: 20_000 }, (_, i) => record(`${i}`));
    await expect(log.append(many)).rejects.toMatchObject({ code: 'overloaded' });
    gate.resolve();
    await waiting;
    await log.append(many);
  });

  it('end with the log: what is on its way may finish, nothing more is taken', async () => {
    const { sender, log } = appender();
    const gate = Promise.withResolvers<void>();
    sender.answer = () => gate.promise;
    const last = log.append([record('last')]);
    const ending = log[Symbol.asyncDispose]();
    await expect(log.append([record('later')])).rejects.toThrow(ParleyError);
    gate.resolve();
    await ending;
    await last;
    expect(sender.batches).toEqual([['last']]);
  });
});
