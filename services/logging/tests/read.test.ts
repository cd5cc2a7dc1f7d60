import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { turnEventTypes } from '@parley/contracts';
import type { EventLog } from '@parley/events/ports';
import type { TenantContext } from '@parley/kernel';
import { eventually, temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { RunningLogging, admin, filter, openEventLog, prepareDataFolder } from './support/running-logging.ts';
import { modelEvent, someDayMs, turnEvent } from './support/records.ts';

const hourMs = 3_600_000;
const acme: TenantContext = { tenant: 'acme', role: 'tenant-admin', keyId: 'key_1', requestId: 'req_1' };

/** 1200 turns of two tenants, one an hour, and a model. */
const events = [
  ...Array.from({ length: 1200 }, (_, n) => {
    const tenant = n % 3 === 0 ? 'globex' : 'acme';
    const occurredAtMs = someDayMs + n * hourMs;
    return turnEvent(`resp_${n}`, turnEventTypes.completed, { tenant, occurredAtMs, key: `conv_${n % 10}` });
  }),
  modelEvent('parley-tiny'),
];

let folder: TemporaryFolder;
let log: EventLog;
let logging: RunningLogging;

beforeAll(async () => {
  folder = await temporaryFolder();
  await prepareDataFolder(folder.path);
  log = openEventLog(folder.path);
  await log.append(events);
  logging = await RunningLogging.start(folder.path);
  await eventually(async () => {
    for (const subject of ['resp_1199', 'parley-tiny']) {
      expect((await logging.query({ filter: filter({ subject }) })).events).toHaveLength(1);
    }
  });
});

afterAll(async () => {
  await logging[Symbol.asyncDispose]();
  await log[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

describe('a query of the record', () => {
  it('is paged in the order of recording, without gap and repeat', async () => {
    const ids: string[] = [];
    const sizes: number[] = [];
    for (let after = '', more = true; more;) {
      const page = await logging.query({ after, limit: 500 });
      ids.push(...page.events.map((event) => event.id));
      sizes.push(page.events.length);
      after = page.next;
      more = page.next !== '';
    }
    expect(sizes).toEqual([500, 500, 201]);
    expect(new Set(ids)).toEqual(new Set(events.map((event) => event.id)));
    expect(ids).toHaveLength(events.length);
  });

  it('goes on from the cursor of any event', async () => {
    const { events: first } = await logging.query({ limit: 3 });
    const { events: rest } = await logging.query({ after: first[1]?.cursor ?? '', limit: 1 });
    expect(rest[0]?.id).toBe(first[2]?.id);
  });

  it('has 100 events when no limit is given', async () => {
    expect((await logging.query()).events).toHaveLength(100);
  });

  it('finds a conversation, a turn, a type and a time', async () => {
    const idsOf = async (parts: Parameters<typeof filter>[0]) =>
      (await logging.query({ filter: filter(parts), limit: 1000 })).events.map((event) => event.id);
    expect(await idsOf({ subject: 'conv_7' })).toHaveLength(120);
    expect(await idsOf({ turnId: 'resp_42' })).toEqual([events[42]?.id]);
    expect(await idsOf({ types: ['parley.model.loaded.v1'] })).toEqual([events[1200]?.id]);
    const [from, to] = [new Date(someDayMs + 10 * hourMs), new Date(someDayMs + 12 * hourMs)];
    expect(await idsOf({ from, to })).toEqual([events[10]?.id, events[11]?.id]);
    expect(await idsOf({ turnId: 'resp_no' })).toEqual([]);
  });

  it('shows a tenant its own events only', async () => {
    const own = await logging.query({ limit: 1000 }, acme);
    expect(own.events).toHaveLength(800);
    expect(own.events.every((event) => event.tenant === 'acme')).toBe(true);
    expect((await logging.query({ filter: filter({ turnId: 'resp_3' }) }, acme)).events).toEqual([]);
    const others = logging.query({ filter: filter({ tenant: 'globex' }) }, acme);
    await expect(others).rejects.toMatchObject({ code: 'permission_denied' });
    expect((await logging.query({ filter: filter({ tenant: 'globex' }), limit: 1000 })).events).toHaveLength(
      400,
    );
  });

  it('that makes no sense is refused and the field named', async () => {
    await expect(logging.query({ limit: 1001 })).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'limit',
    });
    await expect(logging.query({ after: 'nonsense' })).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'after',
    });
  });
});

describe('an export of the record', () => {
  it('streams everything that matches', async () => {
    const ids: string[] = [];
    for await (const event of logging.export({ filter: filter({ types: [turnEventTypes.completed] }) }))
      ids.push(event.id);
    expect(ids).toEqual(events.slice(0, 1200).map((event) => event.id));
  });

  it('streams a tenant its own events only', async () => {
    const tenants = new Set<string>();
    for await (const event of logging.export({}, acme)) tenants.add(event.tenant);
    expect(tenants).toEqual(new Set(['acme']));
    const others = logging.export({ filter: filter({ tenant: 'globex' }) }, acme);
    await expect(others.next()).rejects.toMatchObject({ code: 'permission_denied' });
  });

  it('can be left in the middle', async () => {
    const stream = logging.export();
    const first = await stream.next();
    await stream.return?.();
    expect((await logging.query({ limit: 1 })).events).toEqual([first.value]);
  });
});

describe('a call to the record', () => {
  it('is for the gateway, dialogue and monitoring only', async () => {
    await using other = await temporaryFolder();
    await prepareDataFolder(other.path);
    await using asModel = await RunningLogging.start(other.path, 'model');
    await expect(asModel.query({}, admin)).rejects.toMatchObject({ code: 'permission_denied' });
  });
});
