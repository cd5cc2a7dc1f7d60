import { describe, expect, test } from 'vitest';
import { controlTopic } from '@parley/contracts';
import { openSqliteEventLog } from '@parley/events';
import type { EventLog } from '@parley/events/ports';
import { ParleyError, systemClock } from '@parley/kernel';
import { openSqliteState } from '@parley/state';
import type { StateStore } from '@parley/state/ports';
import { eventually } from '@parley/testing';
import { ControlData } from '../src/index.ts';
import type { ControlDataParts } from '../src/index.ts';

/** Control data over stores of its own, and what it told. */
function open(
  log: EventLog,
  state: StateStore = openSqliteState(':memory:'),
  parts: Partial<ControlDataParts> = {},
): { control: ControlData; state: StateStore; told: string[] } {
  const told: string[] = [];
  const control = new ControlData({
    store: state.control,
    rebuild: state.rebuild,
    log,
    source: '/parley/test/1',
    clock: systemClock,
    watch: {
      rebuilt: (keys) => told.push(`rebuilt ${keys.join()}`),
      failed: (error) => told.push(`failed ${error instanceof ParleyError ? error.code : String(error)}`),
    },
    ...parts,
  });
  return { control, state, told };
}

async function published(log: EventLog): Promise<[string, unknown][]> {
  const { records } = await log.read(controlTopic, '', 100);
  return records.map(({ key, data }) => [key, JSON.parse(data)]);
}

describe('control data', () => {
  test('is in the store when it is put, and in the topic soon after', async () => {
    await using log = openSqliteEventLog(':memory:');
    const { control, state } = open(log);
    expect(await control.put('alias/default', 'tiny', 0)).toMatchObject({ version: 1 });
    expect(await state.control.get('alias/default')).toMatchObject({ value: 'tiny' });
    await eventually(async () =>
      expect(await published(log)).toEqual([['alias/default', { version: 1, value: 'tiny' }]]),
    );
    expect(await control.put('alias/default', 'other', 0)).toBeUndefined();
    await control.put('alias/default', 'other', 1);
    await eventually(async () => expect(await published(log)).toHaveLength(2));
  });

  test('fills an empty store from the topic at start, versions and all', async () => {
    await using log = openSqliteEventLog(':memory:');
    const before = open(log);
    await before.control.put('a', 'one', 0);
    await before.control.put('a', 'two', 1);
    await before.control.put('b', 'of b', 0);
    await before.control.sync();
    const { control, state, told } = open(log);
    await control.start();
    expect(await state.control.list('')).toEqual([
      { key: 'a', version: 2, value: 'two' },
      { key: 'b', version: 1, value: 'of b' },
    ]);
    expect(told).toEqual(['rebuilt a,b']);
    expect(await control.put('a', 'three', 2)).toMatchObject({ version: 3 });
    await control[Symbol.asyncDispose]();
  });

  test('fills a store that was flushed, with what other instances published meanwhile', async () => {
    await using log = openSqliteEventLog(':memory:');
    const first = openSqliteState(':memory:');
    let current = first;
    const store: ControlDataParts['store'] = {
      get: (key) => current.control.get(key),
      list: (prefix) => current.control.list(prefix),
      put: (...args) => current.control.put(...args),
    };
    const rebuild: ControlDataParts['rebuild'] = {
      turn: (turn) => current.rebuild.turn(turn),
      control: (value) => current.rebuild.control(value),
    };
    const mine = open(log, first, { store, rebuild, syncMs: 20 });
    await mine.control.put('a', 'one', 0);
    await mine.control.start();
    const theirs = open(log, first);
    await theirs.control.put('a', 'two', 1);
    await theirs.control.sync();
    current = openSqliteState(':memory:');
    await eventually(async () =>
      expect(await current.control.get('a')).toEqual({ key: 'a', version: 2, value: 'two' }),
    );
    expect(mine.told).toContain('rebuilt a');
    await mine.control[Symbol.asyncDispose]();
  });

  test('publishes what a store has and the topic lacks, such as after a crash between the two', async () => {
    await using log = openSqliteEventLog(':memory:');
    const { control, state } = open(log);
    await state.control.put('a', 'one', 0);
    await control.sync();
    await control.sync();
    expect(await published(log)).toEqual([['a', { version: 1, value: 'one' }]]);
  });

  test('is put and read while the topic is away, and published when it is back', async () => {
    await using log = openSqliteEventLog(':memory:');
    let away = true;
    const unsteady: ControlDataParts['log'] = {
      append: (records) =>
        away ? Promise.reject(new ParleyError('unavailable', 'Away.')) : log.append(records),
      read: (...args) => (away ? Promise.reject(new ParleyError('unavailable', 'Away.')) : log.read(...args)),
    };
    const { control, told } = open(log, undefined, { log: unsteady, syncMs: 20 });
    await control.start();
    await control.put('a', 'one', 0);
    expect(await control.get('a')).toMatchObject({ value: 'one' });
    expect(told).toContain('failed unavailable');
    away = false;
    await eventually(async () => expect(await published(log)).toHaveLength(1));
    await control[Symbol.asyncDispose]();
  });

  test('passes over records that it cannot read', async () => {
    await using log = openSqliteEventLog(':memory:');
    const record = {
      id: '0197e7a0-0000-7000-8000-000000000000',
      type: 'parley.control.changed.v1',
      source: '',
      topic: controlTopic,
      key: 'a',
      subject: 'a',
      tenant: '',
      occurredAtMs: 0,
      sequence: 0,
    };
    const data = ['', '{', '[]', '{"version":0,"value":"x"}', '{"version":1.5,"value":"x"}', '{"version":1}'];
    await log.append(data.map((text, n) => ({ ...record, id: record.id.slice(0, -1) + n, data: text })));
    await log.append([
      { ...record, id: record.id.slice(0, -1) + 9, type: 'x', data: '{"version":1,"value":"x"}' },
    ]);
    const { control, state } = open(log);
    await control.sync();
    expect(await state.control.list('')).toEqual([]);
  });
});
