import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { closeCodes } from './close-codes.ts';
import { Liveness } from './liveness.ts';
import type { SocketOutbox } from './socket-outbox.ts';

class FakeSocket extends EventEmitter {
  pings = 0;
  answers = true;

  ping(): void {
    this.pings += 1;
    if (this.answers) this.emit('pong');
  }
}

describe('a connection', () => {
  let socket: FakeSocket;
  let outbox: { backlogged: boolean; flowing: boolean };
  let busy: boolean;
  let closes: unknown[];
  let liveness: Liveness;

  beforeEach(() => {
    vi.useFakeTimers();
    socket = new FakeSocket();
    outbox = { backlogged: false, flowing: false };
    busy = false;
    closes = [];
    liveness = new Liveness(
      socket as unknown as WebSocket,
      outbox as SocketOutbox,
      { heartbeatMs: 1000, idleTimeoutMs: 10_000 },
      () => busy,
      (close) => closes.push(close),
    );
  });

  afterEach(() => {
    liveness[Symbol.dispose]();
    vi.useRealTimers();
  });

  it('is pinged, and lives as long as it answers', () => {
    vi.advanceTimersByTime(5000);
    expect(socket.pings).toBe(5);
    expect(closes).toEqual([]);
  });

  it('is dead after one ping without an answer, and is told so once', () => {
    socket.answers = false;
    vi.advanceTimersByTime(1999);
    expect(closes).toEqual([]);
    vi.advanceTimersByTime(10_000);
    expect(closes).toEqual([closeCodes.heartbeatMissed]);
  });

  it('lives if it says something instead', () => {
    socket.answers = false;
    for (let i = 0; i < 5; i++) {
      vi.advanceTimersByTime(1000);
      liveness.said();
    }
    expect(closes).toEqual([]);
  });

  it.each(['backlogged', 'flowing'] as const)('that is %s is not pinged: the ping would wait', (state) => {
    socket.answers = false;
    busy = true;
    outbox[state] = true;
    vi.advanceTimersByTime(60_000);
    expect([socket.pings, closes]).toEqual([0, []]);
    outbox[state] = false;
    vi.advanceTimersByTime(2000);
    expect(closes).toEqual([closeCodes.heartbeatMissed]);
  });

  it('that is idle is closed, but not while a turn runs', () => {
    busy = true;
    vi.advanceTimersByTime(60_000);
    expect(closes).toEqual([]);
    busy = false;
    vi.advanceTimersByTime(12_000);
    expect(closes).toEqual([closeCodes.idle]);
  });
});
