import { describe, expect, it } from 'vitest';
import { KafkaHealth } from './kafka-health.ts';

const silence = (): Error => new Error('connect ECONNREFUSED');
const refusal = (): Error => Object.assign(new Error('no'), { type: 'GROUP_AUTHORIZATION_FAILED' });

function health(): { health: KafkaHealth; said: string[] } {
  const said: string[] = [];
  const say = (_: object, message: string): void => void said.push(message);
  return { health: new KafkaHealth({ debug: say, info: say, warn: say }), said };
}

describe('what is known of a cluster', () => {
  it('begins with nothing, and is well with the first answer', () => {
    const { health: known, said } = health();
    expect(known.current).toEqual({ ok: false, reason: 'Kafka has not answered yet.' });
    known.up('cluster');
    expect(known.current).toEqual({ ok: true, reason: '' });
    expect(said).toEqual([]);
  });

  it('is told when it goes and when it comes back, once', () => {
    const { health: known, said } = health();
    for (let attempt = 0; attempt < 3; attempt++) known.down('appends', silence());
    known.down('cluster', silence());
    expect(known.current.reason).toMatch(/ECONNREFUSED/);
    known.up('cluster');
    known.up('appends');
    expect(known.current.ok).toBe(true);
    expect(said).toEqual(['The event log does not answer', 'The event log answers again']);
  });

  it('stays bad for whoever is refused, whatever others are told', () => {
    const { health: known, said } = health();
    known.up('cluster');
    known.down('group record', refusal());
    known.up('cluster');
    known.up('appends');
    expect(known.current).toEqual({ ok: false, reason: expect.stringMatching(/does not allow/) });
    known.up('group record');
    expect(known.current.ok).toBe(true);
    expect(said).toHaveLength(2);
  });

  it('forgets who has gone', () => {
    const { health: known } = health();
    known.up('cluster');
    known.down('group record', refusal());
    known.forget('group record');
    expect(known.current.ok).toBe(true);
  });
});
