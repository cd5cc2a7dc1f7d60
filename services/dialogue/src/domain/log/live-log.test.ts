import { describe, expect, it } from 'vitest';
import { LiveLog } from './live-log.ts';
import type { LogReader } from './live-log.ts';
import type { LogEntry } from './log-entry.ts';

function deltas(from: number, to: number, text = 'x'): LogEntry[] {
  const place = { outputIndex: 0, itemId: 'msg', contentIndex: 0 };
  return Array.from({ length: to - from + 1 }, (_, index) => ({
    sequence: from + index,
    body: { type: 'text_delta', ...place, text },
  }));
}

async function numbers(reader: LogReader): Promise<number[] | undefined> {
  return (await reader.next())?.map((entry) => entry.sequence);
}

describe('a live log', () => {
  it('hands over together what became visible together', async () => {
    const log = new LiveLog(() => undefined);
    const reader = log.attach(-1, 'all');
    const first = numbers(reader);
    log.append(deltas(0, 2));
    expect(await first).toEqual([0, 1, 2]);
  });

  it('lets each reader have its own pace', async () => {
    const log = new LiveLog(() => undefined);
    const [fast, slow] = [log.attach(-1, 'all'), log.attach(-1, 'all')];
    log.append(deltas(0, 0));
    expect(await numbers(fast)).toEqual([0]);
    log.append(deltas(1, 1));
    expect(await numbers(fast)).toEqual([1]);
    expect(await numbers(slow)).toEqual([0, 1]);
  });

  it('starts a reader after the entry it has', async () => {
    const log = new LiveLog(() => undefined);
    log.append(deltas(0, 4));
    expect(await numbers(log.attach(2, 'all'))).toEqual([3, 4]);
  });

  it('parts what is too much for one answer', async () => {
    const log = new LiveLog(() => undefined);
    log.append(deltas(0, 9, 'y'.repeat(100_000)));
    log.close();
    const reader = log.attach(-1, 'all');
    const sizes: number[] = [];
    for (let batch = await reader.next(); batch !== undefined; batch = await reader.next())
      sizes.push(batch.length);
    expect(sizes).toEqual([3, 3, 3, 1]);
  });

  it('ends its readers when it is closed and they have all of it', async () => {
    const log = new LiveLog(() => undefined);
    const reader = log.attach(-1, 'all');
    log.append(deltas(0, 0));
    log.close();
    expect(await numbers(reader)).toEqual([0]);
    expect(await numbers(reader)).toBeUndefined();
  });

  it('is deserted when the last reader leaves, and not before', () => {
    let deserted = 0;
    const log = new LiveLog(() => deserted++);
    const [one, two] = [log.attach(-1, 'all'), log.attach(-1, 'result')];
    one.close();
    one.close();
    expect(deserted).toBe(0);
    two.close();
    expect(deserted).toBe(1);
  });

  it('is not deserted once it is closed', () => {
    let deserted = 0;
    const log = new LiveLog(() => deserted++);
    const reader = log.attach(-1, 'all');
    log.close();
    reader.close();
    expect(deserted).toBe(0);
  });

  it('frees a waiting reader that is closed', async () => {
    const log = new LiveLog(() => undefined);
    const reader = log.attach(-1, 'all');
    const waiting = reader.next();
    reader.close();
    expect(await waiting).toBeUndefined();
  });

  it('is watched by those who want all of it only', () => {
    const log = new LiveLog(() => undefined);
    log.attach(-1, 'result');
    expect(log.watched).toBe(false);
    const reader = log.attach(-1, 'all');
    expect(log.watched).toBe(true);
    reader.close();
    expect(log.watched).toBe(false);
  });
});
