import { ParleyError } from '@parley/kernel';
import { describe, expect, it, vi } from 'vitest';
import { sampleLog } from '../../../../tests/support/samples.ts';
import type { FrameOrigin } from '../../../domain/response-frame-view.ts';
import { RunningTurns } from '../../../domain/running-turns.ts';
import { StreamSlots } from '../../../domain/stream-slots.ts';
import { Turns } from '../../../domain/turns.ts';
import { TurnFollower } from '../../../domain/follow-turn.ts';
import type { LogEntry } from '../../../domain/turn.ts';
import { FakeDialogue } from '../../../ports/fake-dialogue.ts';
import { FakeGatewayEvents } from '../../../ports/fake-gateway-events.ts';
import type { SocketOutbox } from './socket-outbox.ts';
import { SocketTurns } from './socket-turns.ts';
import type { FollowRequest } from './socket-turns.ts';

const identity = {
  holder: { tenant: 'default', role: 'user', keyId: 'k' },
  traceparent: undefined,
  languages: '',
} as const;

class Fixture {
  readonly frames: Record<string, unknown>[] = [];
  readonly events = new FakeGatewayEvents();
  readonly opened: string[] = [];
  readonly turns: SocketTurns;

  constructor(limit: number) {
    const follower = new TurnFollower(new FakeDialogue(), { turnTimeoutMs: 1, graceMs: 1 }, () => undefined);
    const turns = new Turns(new FakeDialogue(), follower, new RunningTurns(new StreamSlots(10)));
    const outbox = {
      write: (frames: readonly string[]) => {
        this.frames.push(...frames.map((frame) => JSON.parse(frame) as Record<string, unknown>));
        return Promise.resolve();
      },
    };
    this.turns = new SocketTurns(turns, this.events, outbox as SocketOutbox, identity, limit);
  }

  /** A turn whose log a test ends when it likes. */
  follow(name: string, origin: FrameOrigin = {}): { end(): void } {
    const end = Promise.withResolvers<void>();
    const open: FollowRequest['open'] = (call) => {
      this.opened.push(name);
      const log = async function* (): AsyncGenerator<readonly LogEntry[]> {
        const left = new Promise<never>((_, reject) =>
          call.signal.addEventListener('abort', () => reject(call.signal.reason as Error)),
        );
        await Promise.race([end.promise, left]);
        yield sampleLog(['a']);
      };
      return log();
    };
    this.turns.follow({ route: 'response.create', origin, open });
    return { end: end.resolve };
  }
}

describe('the turns of a connection', () => {
  it('are refused above their bound, with a hint when to try again', async () => {
    const fixture = new Fixture(2);
    const first = fixture.follow('one');
    fixture.follow('two');
    expect(() => fixture.follow('three')).toThrow(
      expect.objectContaining({ code: 'rate_limited', retryAfterMs: 1000 }),
    );
    first.end();
    await vi.waitFor(() => fixture.follow('three'));
  });

  it('of one stream run in the order they came, those of others meanwhile', async () => {
    const fixture = new Fixture(10);
    const first = fixture.follow('one', { stream_id: 'a' });
    fixture.follow('two', { stream_id: 'a' });
    fixture.follow('three', { stream_id: 'b' });
    fixture.follow('four');
    await vi.waitFor(() => expect(fixture.opened).toEqual(['one', 'three', 'four']));
    first.end();
    await vi.waitFor(() => expect(fixture.opened).toEqual(['one', 'three', 'four', 'two']));
  });

  it('that wait behind another count, and end with the connection without having begun', async () => {
    const fixture = new Fixture(2);
    fixture.follow('one', { stream_id: 'a' });
    fixture.follow('two', { stream_id: 'a' });
    expect(() => fixture.follow('three')).toThrow(ParleyError);
    await vi.waitFor(() => expect(fixture.opened).toEqual(['one']));
    const idle = new Promise<void>((resolve) => (fixture.turns.onIdle = resolve));
    fixture.turns.leave(new ParleyError('cancelled', 'Gone.'));
    await idle;
    expect(fixture.turns.busy).toBe(false);
    expect(fixture.events.ended.map(({ status }) => status)).toEqual([499]);
    expect(fixture.opened).toEqual(['one']);
    expect(fixture.events.failures).toEqual([]);
  });

  it('are told and counted when they fail, and the others go on', async () => {
    const fixture = new Fixture(10);
    const other = fixture.follow('other');
    fixture.turns.follow({
      route: 'response.attach',
      origin: { response_id: 'r', event_id: 'e' },
      after: 3,
      open: () => {
        throw new ParleyError('stream_expired', 'Over.');
      },
    });
    await vi.waitFor(() => expect(fixture.events.ended).toHaveLength(1));
    expect(fixture.frames[0]).toMatchObject({ type: 'error', code: 'stream_expired', event_id: 'e' });
    expect(fixture.events.ended[0]).toMatchObject({
      route: 'response.attach',
      protocol: 'websocket',
      status: 410,
    });
    other.end();
    await vi.waitFor(() => expect(fixture.frames.at(-1)?.['type']).toBe('response.completed'));
  });
});
