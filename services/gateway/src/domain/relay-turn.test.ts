import { ParleyError } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { sampleLog, sampleTurn } from '../../tests/support/samples.ts';
import { ChatStreamView } from './chat-stream-view.ts';
import { relayTurn } from './relay-turn.ts';
import type { EventSink } from './relay-turn.ts';
import { StreamSlots } from './stream-slots.ts';
import type { LogEntry } from './turn.ts';

class TestSink implements EventSink {
  readonly written: string[] = [];
  ended = false;
  opened = false;
  /** What a client that takes its time makes writers wait for. */
  room: Promise<void> = Promise.resolve();

  async write(events: readonly string[]): Promise<void> {
    this.opened = true;
    this.written.push(events.join(''));
    await this.room;
  }

  end(): void {
    this.opened = true;
    this.ended = true;
  }
}

const log = sampleLog(['a', 'b']);
const failure = { code: 'engine_failed', message: 'Died.', param: '', retryable: true, retryAfterMs: 0 };

async function* batchesOf(
  ...steps: (readonly LogEntry[] | ParleyError)[]
): AsyncGenerator<readonly LogEntry[]> {
  for (const step of steps) {
    if (step instanceof ParleyError) throw step;
    yield step;
  }
}

const view = (): ChatStreamView => new ChatStreamView({ includeUsage: false });

describe('relaying a turn', () => {
  it('writes nothing before the view lets go, then everything it held at once', async () => {
    const sink = new TestSink();
    let first = 0;
    await relayTurn(
      batchesOf(log.slice(0, 3), log.slice(3, 5), log.slice(5)),
      view(),
      sink,
      () => (first += 1),
    );
    expect(sink.written[0]).toContain('"role":"assistant"');
    expect(sink.written[0]).toContain('"content":"a"');
    expect(sink.ended).toBe(true);
    expect(first).toBe(1);
  });

  it('reads no further while the client has no room', async () => {
    const sink = new TestSink();
    const { promise, resolve } = Promise.withResolvers<void>();
    sink.room = promise;
    let read = 0;
    async function* counted(): AsyncGenerator<readonly LogEntry[]> {
      for (const entry of log) {
        read += 1;
        yield [entry];
      }
    }
    const relaying = relayTurn(counted(), view(), sink, () => undefined);
    await expect.poll(() => sink.written.length).toBe(1);
    await new Promise(setImmediate);
    expect(read).toBe(5);
    resolve();
    await relaying;
    expect(read).toBe(log.length);
  });

  it('that fails before the first byte throws', async () => {
    const fault = new ParleyError('model_not_ready', 'Loading.');
    const sink = new TestSink();
    await expect(relayTurn(batchesOf(log.slice(0, 3), fault), view(), sink, () => undefined)).rejects.toBe(
      fault,
    );
    expect(sink.opened).toBe(false);
  });

  it('that fails together with its first text throws too, since nothing has left', async () => {
    const failed = sampleTurn({ status: 'failed', error: failure });
    const sink = new TestSink();
    await expect(
      relayTurn(batchesOf(sampleLog(['a'], failed)), view(), sink, () => undefined),
    ).rejects.toMatchObject({
      code: 'engine_failed',
    });
    expect(sink.opened).toBe(false);
  });

  it('that fails together with later text still gives that text', async () => {
    const failed = sampleLog(['a', 'b'], sampleTurn({ status: 'failed', error: failure }));
    const sink = new TestSink();
    await relayTurn(batchesOf(failed.slice(0, 5), failed.slice(5)), view(), sink, () => undefined);
    expect(sink.written.at(-1)).toMatch(/"content":"b"[^]*event: error/);
  });

  it('that fails after it ends the answer with an error event', async () => {
    const fault = new ParleyError('unavailable', 'Gone.');
    const sink = new TestSink();
    expect(await relayTurn(batchesOf(log.slice(0, 5), fault), view(), sink, () => undefined)).toBe(fault);
    expect(sink.written.at(-1)).toMatch(/^event: error/);
    expect(sink.ended).toBe(true);
  });
});

describe('the slots of streams', () => {
  it('are given back once each, and refused when all are taken', () => {
    const slots = new StreamSlots(1);
    const slot = slots.take();
    expect(() => slots.take()).toThrow(expect.objectContaining({ code: 'overloaded' }));
    slot[Symbol.dispose]();
    slot[Symbol.dispose]();
    expect(slots.used).toBe(0);
  });
});
