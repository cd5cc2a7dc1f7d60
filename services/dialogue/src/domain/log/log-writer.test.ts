import { describe, expect, it } from 'vitest';
import { ParleyError } from '@parley/kernel';
import { eventually } from '@parley/testing';
import { LiveLog } from './live-log.ts';
import type { EntryBody, LogEntry } from './log-entry.ts';
import { LogWriter } from './log-writer.ts';

function delta(text: string): EntryBody {
  return { type: 'text_delta', outputIndex: 0, itemId: 'msg', contentIndex: 0, text };
}

interface Write {
  readonly entries: readonly LogEntry[];
  readonly done: () => void;
  readonly fail: (error: Error) => void;
}

function openWriter(): { log: LiveLog; writer: LogWriter; writes: Write[]; told: string[] } {
  const log = new LiveLog(() => undefined);
  const writes: Write[] = [];
  const told: string[] = [];
  const persist = (entries: readonly LogEntry[]): Promise<void> =>
    new Promise((done, fail) => writes.push({ entries, done, fail }));
  const writer = new LogWriter(log, 1, {
    persist,
    onStale: () => told.push('stale'),
    onError: () => told.push('error'),
  });
  return { log, writer, writes, told };
}

function numbers(entries: readonly LogEntry[]): number[] {
  return entries.map(({ sequence }) => sequence);
}

describe('a log writer', () => {
  it('shows entries once they are written', async () => {
    const { log, writer, writes } = openWriter();
    writer.add([delta('a'), delta('b')]);
    writer.flush();
    expect(log.entries).toEqual([]);
    writes[0]?.done();
    await eventually(() => expect(numbers(log.entries)).toEqual([1, 2]));
  });

  it('makes one write at a time; what gathers meanwhile goes into the next', async () => {
    const { log, writer, writes } = openWriter();
    for (const text of ['a', 'b', 'c']) {
      writer.add([delta(text)]);
      writer.flush();
    }
    expect(writes.map(({ entries }) => numbers(entries))).toEqual([[1]]);
    writes[0]?.done();
    await eventually(() => expect(writes).toHaveLength(2));
    expect(numbers(writes[1]?.entries ?? [])).toEqual([2, 3]);
    writes[1]?.done();
    await eventually(() => expect(numbers(log.entries)).toEqual([1, 2, 3]));
  });

  it('tries a failed write again, with the same numbers', async () => {
    const { log, writer, writes, told } = openWriter();
    writer.add([delta('a')]);
    writer.flush();
    writes[0]?.fail(new Error('Disk full.'));
    await eventually(() => expect(writes).toHaveLength(2));
    expect(told).toEqual(['error']);
    writes[1]?.done();
    await eventually(() => expect(numbers(log.entries)).toEqual([1]));
  });

  it('gives what could not be written to the commit', async () => {
    const { log, writer, writes } = openWriter();
    writer.add([delta('a')]);
    writer.flush();
    writer.add([delta('b')]);
    const closing = writer.close();
    writes[0]?.fail(new Error('Disk full.'));
    expect(numbers(await closing)).toEqual([1, 2]);
    expect(log.entries).toEqual([]);
    expect(writer.nextSequence).toBe(3);
  });

  it('stops at a stale fence without showing anything', async () => {
    const { log, writer, writes, told } = openWriter();
    writer.add([delta('a')]);
    writer.flush();
    writes[0]?.fail(new ParleyError('stale_fence', 'Another owner.'));
    await eventually(() => expect(told).toEqual(['stale']));
    expect(log.entries).toEqual([]);
    expect(writes).toHaveLength(1);
  });

  it('shows entries of an unstored turn at once', () => {
    const log = new LiveLog(() => undefined);
    const writer = new LogWriter(log, 1, {
      persist: undefined,
      onStale: () => undefined,
      onError: () => undefined,
    });
    writer.add([delta('a')]);
    writer.flush();
    expect(numbers(log.entries)).toEqual([1]);
  });
});
