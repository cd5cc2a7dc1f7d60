import { describe, expect, it } from 'vitest';
import { turnEventTypes } from '@parley/contracts';
import { eventually, temporaryFolder } from '@parley/testing';
import { RunningLogging, filter, openEventLog, prepareDataFolder } from './support/running-logging.ts';
import { modelEvent, turnEvent } from './support/records.ts';

async function recordedIds(logging: RunningLogging): Promise<string[]> {
  return (await logging.query({ limit: 1000 })).events.map((event) => event.id);
}

describe('the logging service', () => {
  it('makes events of both topics queryable, as they were published', async () => {
    await using folder = await temporaryFolder();
    await prepareDataFolder(folder.path);
    await using log = openEventLog(folder.path);
    await using logging = await RunningLogging.start(folder.path);
    const data = '{ "turn": {"turnId":"resp_1"}, "futureField" : [1.50, "\\u00e9"] }';
    const turn = turnEvent('resp_1', 'parley.turn.applauded.v1', { data, sequence: 3, key: 'conv_1' });
    const model = modelEvent('parley-tiny');
    await log.append([turn, model]);
    const events = await eventually(async () => {
      const answer = await logging.query();
      expect(answer.events).toHaveLength(2);
      return answer.events;
    });
    const { id, type, source, subject, tenant, topic, key, sequence } = turn;
    const stored = events.find((event) => event.id === id);
    expect(stored).toMatchObject({
      id,
      type,
      source,
      subject,
      tenant,
      topic,
      key,
      sequence,
      data,
      turnId: 'resp_1',
    });
    expect(stored?.occurredAt?.getTime()).toBe(turn.occurredAtMs);
    expect(Math.abs(Date.now() - (stored?.recordedAt?.getTime() ?? 0))).toBeLessThan(60_000);
    expect(events.map((event) => event.id)).toContain(model.id);
  });

  it('goes on after a restart, without loss and without duplicates', async () => {
    await using folder = await temporaryFolder();
    await prepareDataFolder(folder.path);
    await using log = openEventLog(folder.path);
    const events = Array.from({ length: 900 }, (_, n) => turnEvent(`resp_${n}`));
    await log.append(events.slice(0, 600));
    {
      // Stopped in the middle of its work, wherever that is.
      await using logging = await RunningLogging.start(folder.path);
      await eventually(async () => expect((await recordedIds(logging)).length).toBeGreaterThan(0));
    }
    await log.append(events.slice(600));
    await using again = await RunningLogging.start(folder.path);
    await eventually(async () => expect(await recordedIds(again)).toHaveLength(900));
    expect(await recordedIds(again)).toEqual(events.map((event) => event.id));
    await eventually(async () => expect(await again.metric('parley_logging_consumer_lag')).toBe(0));
  });

  it('refuses a second terminal event of a turn, counts it and sets it aside', async () => {
    await using folder = await temporaryFolder();
    await prepareDataFolder(folder.path);
    await using log = openEventLog(folder.path);
    await using logging = await RunningLogging.start(folder.path);
    const first = turnEvent('resp_1');
    const second = turnEvent('resp_1', turnEventTypes.incomplete);
    const after = turnEvent('resp_2', turnEventTypes.failed);
    await log.append([first, second, after]);
    await eventually(async () => expect(await recordedIds(logging)).toEqual([first.id, after.id]));
    expect(
      await logging.metric('parley_logging_dead_letters_total', { reason: 'second_terminal_event' }),
    ).toBe(1);
    const refused = { type: turnEventTypes.incomplete, outcome: 'dead_letter' };
    expect(await logging.metric('parley_logging_events_total', refused)).toBe(1);
    expect((await logging.query({ filter: filter({ turnId: 'resp_1' }) })).events).toHaveLength(1);
  });

  it('sets a malformed payload aside and records what follows', async () => {
    await using folder = await temporaryFolder();
    await prepareDataFolder(folder.path);
    await using log = openEventLog(folder.path);
    await using logging = await RunningLogging.start(folder.path);
    const good = turnEvent('resp_1');
    await log.append([turnEvent('resp_0', turnEventTypes.completed, { data: '{"turn":' }), good]);
    await eventually(async () => expect(await recordedIds(logging)).toEqual([good.id]));
    expect(await logging.metric('parley_logging_dead_letters_total', { reason: 'payload_not_json' })).toBe(1);
    const recorded = { type: turnEventTypes.completed, outcome: 'recorded' };
    expect(await logging.metric('parley_logging_events_total', recorded)).toBe(1);
    expect(await logging.metric('parley_logging_write_duration_seconds_count')).toBe(1);
    expect((await logging.readiness()).ready).toBe(true);
  });

  it('is ready when it is subscribed and its store can be written', async () => {
    await using folder = await temporaryFolder();
    await prepareDataFolder(folder.path);
    await using logging = await RunningLogging.start(folder.path);
    await eventually(async () => expect((await logging.readiness()).ready).toBe(true));
    const { checks } = await logging.readiness();
    expect(checks.map((check) => check.name)).toEqual(
      expect.arrayContaining(['subscription', 'record store']),
    );
  });

  it('is refused on a data folder whose record another instance keeps', async () => {
    await using folder = await temporaryFolder();
    await prepareDataFolder(folder.path);
    await using _logging = await RunningLogging.start(folder.path);
    await expect(RunningLogging.start(folder.path)).rejects.toThrow(
      'Another logging service keeps the record',
    );
  });

  it('removes what is older than the configured days', async () => {
    await using folder = await temporaryFolder();
    await prepareDataFolder(folder.path);
    await using log = openEventLog(folder.path);
    const old = turnEvent('resp_1', turnEventTypes.completed, { occurredAtMs: Date.now() - 3 * 86_400_000 });
    const fresh = turnEvent('resp_2', turnEventTypes.completed, { occurredAtMs: Date.now() });
    await log.append([old, fresh]);
    {
      await using logging = await RunningLogging.start(folder.path);
      await eventually(async () => expect(await recordedIds(logging)).toEqual([old.id, fresh.id]));
    }
    await using keeping = await RunningLogging.start(folder.path, 'gateway', {
      PARLEY_RECORD_RETENTION_DAYS: '2',
    });
    await eventually(async () => expect(await recordedIds(keeping)).toEqual([fresh.id]));
  });
});
