import { describe, expect, it } from 'vitest';
import { eventually } from '@parley/testing';
import { TestDialogue } from '../../../tests/support/test-dialogue.ts';
import { PublishingGate } from './publishing-gate.ts';

const hour = 3_600_000;

function gate(whenAway: 'outbox' | 'refuse'): { gate: PublishingGate; wait: (ms: number) => void } {
  let now = 0;
  return {
    gate: new PublishingGate({ whenAway, mostWaitMs: hour }, () => now),
    wait: (ms) => (now += ms),
  };
}

describe('new turns while the event log is away', () => {
  it('are refused where nothing keeps their events for sure, until it answers', () => {
    const { gate: door, wait } = gate('refuse');
    door.sending();
    wait(5_000);
    door.require();
    wait(1);
    expect(() => door.require()).toThrow(
      expect.objectContaining({ code: 'unavailable', retryable: true, retryAfterMs: 5_000 }),
    );
    expect(door.trouble).toBe('the event log has not acknowledged events for 5 s; new turns are refused');
    door.acknowledged();
    door.require();
    expect(door.trouble).toBe('');
  });

  it('are told apart from a log that is slow: every answer counts', () => {
    const { gate: door, wait } = gate('refuse');
    for (let append = 0; append < 10; append++) {
      door.sending();
      wait(4_000);
      door.acknowledged();
    }
    door.require();
    door.sending();
    wait(3_000);
    door.sending();
    wait(3_000);
    expect(() => door.require(), 'a failed try is no answer').toThrow('no new turn is accepted');
  });

  it('are accepted where the outbox keeps their events', () => {
    const { gate: door, wait } = gate('outbox');
    door.sending();
    wait(hour);
    door.require();
    expect(door.trouble).toBe(
      'the event log has not acknowledged events for 3600 s; events wait in the outbox',
    );
  });

  it('are refused in either case when an event has waited too long', () => {
    const { gate: door } = gate('outbox');
    door.measured({ count: 1, bytes: 1, oldestMs: hour });
    door.require();
    door.measured({ count: 1, bytes: 1, oldestMs: hour + 1 });
    expect(() => door.require()).toThrow(
      expect.objectContaining({ code: 'overloaded', retryAfterMs: 5_000 }),
    );
    expect(door.trouble).toContain('has waited 3600 s');
    door.measured({ count: 0, bytes: 0, oldestMs: 0 });
    door.require();
  });
});

describe('an instance whose outbox holds an old event', () => {
  it('accepts no turn until it is published', async () => {
    const append = (): Promise<void> => Promise.reject(new Error('The event log is away.'));
    await using fleet = await TestDialogue.launch({
      ports: { events: { append } },
      settings: {
        publishing: { whenAway: 'outbox', mostWaitMs: 60_000 },
        intervals: { sweepMs: hour, lostMs: hour, retentionMs: hour, renewMs: 10, measureMs: 5 },
      },
    });
    await fleet.say('Hi').ended();
    fleet.world.clock.advance(60_001);
    await eventually(async () => {
      expect(await fleet.say('Hi again').over()).toMatchObject({ code: 'overloaded' });
    });
  });
});
