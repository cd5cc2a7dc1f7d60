import { logLevel } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { clientLines } from './client-lines.ts';

function collect(): { lines: [string, object][]; say: ReturnType<typeof clientLines> } {
  const lines: [string, object][] = [];
  const keep =
    (level: string) =>
    (details: object): void =>
      void lines.push([level, details]);
  return { lines, say: clientLines({ debug: keep('debug'), info: keep('info'), warn: keep('warn') }) };
}

function entry(level: logLevel, message: string, more: object = {}) {
  return { namespace: 'Producer', level, label: '', log: { timestamp: '', message, ...more } };
}

describe('what kafkajs has to say', () => {
  it('is a warning at most, and nothing below', () => {
    const { lines, say } = collect();
    say(entry(logLevel.ERROR, 'Connection error', { broker: 'kafka-0:9092' }));
    say(entry(logLevel.WARN, 'The group is rebalancing, re-joining', { groupId: 'parley.logging' }));
    say(entry(logLevel.INFO, 'Consumer has joined the group'));
    say(entry(logLevel.DEBUG, 'Request'));
    expect(lines).toEqual([
      [
        'warn',
        { source: 'kafkajs', namespace: 'Producer', broker: 'kafka-0:9092', detail: 'Connection error' },
      ],
      [
        'debug',
        {
          source: 'kafkajs',
          namespace: 'Producer',
          groupId: 'parley.logging',
          detail: 'The group is rebalancing, re-joining',
        },
      ],
    ]);
  });

  it('is told once, however often it is tried', () => {
    const { lines, say } = collect();
    for (let attempt = 0; attempt < 50; attempt++) say(entry(logLevel.ERROR, 'Connection error'));
    expect(lines).toHaveLength(1);
  });

  it('never carries what was in a message', () => {
    const { lines, say } = collect();
    const payload = { messages: [{ key: 'secret', value: 'secret' }], payload: Buffer.from('secret') };
    say(entry(logLevel.ERROR, 'Failed', { ...payload, error: new Error('secret'), stack: 'secret' }));
    expect(JSON.stringify(lines)).not.toContain('secret');
  });
});
