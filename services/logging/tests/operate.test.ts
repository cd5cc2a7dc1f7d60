import { join } from 'node:path';
import {
  deadLetterEventType,
  deadLetterTopic,
  topics,
  turnEventTypes,
  userEventTypes,
} from '@parley/contracts';
import type { EventLog } from '@parley/events/ports';
import { newPublicId } from '@parley/kernel';
import type { TenantContext } from '@parley/kernel';
import { openSqliteState } from '@parley/state';
import type { StateStore } from '@parley/state/ports';
import { eventually, temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunningLogging, admin, filter, openEventLog, prepareDataFolder } from './support/running-logging.ts';
import { turnEvent } from './support/records.ts';

const acme: TenantContext = { ...admin, tenant: 'acme', role: 'tenant-admin' };
const refused = { code: 'permission_denied' };

let folder: TemporaryFolder;
let log: EventLog;
let state: StateStore;
let logging: RunningLogging;

beforeEach(async () => {
  folder = await temporaryFolder();
  await prepareDataFolder(folder.path);
  log = openEventLog(folder.path);
  state = openSqliteState(join(folder.path, 'fleet.db'));
  logging = await RunningLogging.start(folder.path);
});
afterEach(async () => {
  await logging[Symbol.asyncDispose]();
  await state[Symbol.asyncDispose]();
  await log[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function recorded(...ids: string[]): Promise<void> {
  await eventually(async () => {
    const { events } = await logging.query({ limit: 1000 });
    expect(events.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
  });
}

describe('what cannot be recorded', () => {
  it('is listed, published to the dead-letter topic, and comes no more', async () => {
    const poison = turnEvent('resp_1', turnEventTypes.completed, { data: '{"turn":' });
    const good = turnEvent('resp_2');
    await log.append([poison, good]);
    await recorded(good.id);
    const { letters, next } = await logging.listDeadLetters();
    expect(next).toBe('');
    expect(letters).toMatchObject([
      {
        reason: 'payload_not_json',
        topic: topics.conversation,
        eventId: poison.id,
        data: '{"turn":',
        tenant: 'acme',
      },
    ]);
    const published = await eventually(async () => {
      const { records } = await log.read(deadLetterTopic(topics.conversation), '', 10);
      expect(records).toHaveLength(1);
      return records[0];
    });
    expect(published).toMatchObject({ id: letters[0]?.id, type: deadLetterEventType, key: poison.key });
    expect(JSON.parse(published?.data ?? '')).toMatchObject({
      reason: 'payload_not_json',
      eventId: poison.id,
    });
    await log.append([turnEvent('resp_3')]);
    await eventually(async () => expect(await logging.metric('parley_logging_consumer_lag')).toBe(0));
    expect((await logging.listDeadLetters()).letters).toHaveLength(1);
  });

  it('can be tried again, and stays with its reason when nothing has changed', async () => {
    await log.append([turnEvent('resp_1', undefined, { data: '[]' })]);
    const [listed] = await eventually(async () => {
      const { letters } = await logging.listDeadLetters();
      expect(letters).toHaveLength(1);
      return letters;
    });
    const outcome = await logging.retryDeadLetters([listed?.id ?? '', 'unknown']);
    expect(outcome).toMatchObject({
      recorded: 0,
      refused: [{ id: listed?.id, reason: 'payload_not_object' }],
    });
    expect(await logging.retryDeadLetters()).toMatchObject({ recorded: 0, refused: [{ id: listed?.id }] });
  });

  it('is for administrators of the fleet only', async () => {
    await expect(logging.listDeadLetters({}, acme)).rejects.toMatchObject(refused);
    await expect(logging.retryDeadLetters([], acme)).rejects.toMatchObject(refused);
  });
});

describe('a user who is to be forgotten', () => {
  const data = JSON.stringify({
    turn: { turnId: 'resp_1', tenant: 'acme', endUser: 'ursula' },
    instructions: 'secret',
  });

  it('is told to the fleet as an event, and has no text in the record once that is recorded', async () => {
    const turn = turnEvent('resp_1', undefined, { data, key: 'conv_1', subject: 'resp_1' });
    await log.append([turn]);
    await recorded(turn.id);
    const { eventId } = await logging.eraseUser({ tenant: 'acme', endUser: 'ursula' });
    await recorded(eventId);
    const { events } = await logging.query();
    expect(JSON.stringify(events)).not.toMatch(/secret|ursula/);
    const erased = events.find(({ id }) => id === eventId);
    expect(erased).toMatchObject({ type: userEventTypes.erased, tenant: 'acme', sequence: 0 });
    expect(erased?.key).toMatch(/^user:[0-9a-f]{32}$/);
    const again = await logging.eraseUser({ tenant: 'acme', endUser: 'ursula' }, acme);
    await recorded(again.eventId);
    const late = turnEvent('resp_2', undefined, { data: data.replace('resp_1', 'resp_2') });
    await log.append([late]);
    await recorded(late.id);
    expect(JSON.stringify((await logging.query()).events)).not.toMatch(/secret/);
  });

  it('is named by an administrator of the tenant, and in words that make sense', async () => {
    const call = (tenant: string, endUser: string, caller: TenantContext) =>
      logging.eraseUser({ tenant, endUser }, caller);
    await expect(call('globex', 'ursula', acme)).rejects.toMatchObject(refused);
    await expect(call('acme', 'ursula', { ...acme, role: 'user' })).rejects.toMatchObject(refused);
    await expect(call('acme', '', acme)).rejects.toMatchObject({ param: 'end_user' });
    await expect(call('acme', 'x'.repeat(1025), acme)).rejects.toMatchObject({ param: 'end_user' });
  });
});

describe('an export of the record', () => {
  const jobOf = async (id: string) => {
    const job = await state.jobs.get(id);
    return {
      state: job?.state,
      kind: job?.kind,
      ...(JSON.parse(job?.document ?? '{}') as { error?: object }),
    };
  };

  async function fill(): Promise<string[]> {
    const data = JSON.stringify({ turn: { turnId: 'x' }, instructions: 'x'.repeat(20_000) });
    const events = Array.from({ length: 400 }, (_, n) =>
      turnEvent(`resp_${n}`, turnEventTypes.accepted, { data }),
    );
    await log.append(events);
    await eventually(async () => {
      const last = await logging.query({ filter: filter({ subject: 'resp_399' }) });
      expect(last.events).toHaveLength(1);
    });
    return events.map(({ id }) => id);
  }

  it('is a job of the fleet that says how it ended, and goes on after a cursor', async () => {
    const ids = await fill();
    const jobId = newPublicId('job');
    const cursors: string[] = [];
    const seen: string[] = [];
    for await (const event of logging.export({ jobId })) {
      cursors.push(event.cursor);
      seen.push(event.id);
    }
    expect(seen).toEqual(ids);
    expect(await jobOf(jobId)).toMatchObject({
      state: 'succeeded',
      kind: 'export',
      progress: 1,
      stage: '400 events',
    });
    const rest: string[] = [];
    for await (const { id } of logging.export({ after: cursors[390] ?? '' })) rest.push(id);
    expect(rest).toEqual(ids.slice(391));
  });

  it('ends when its job is cancelled, by whichever process', async () => {
    await fill();
    const jobId = newPublicId('job');
    const stream = logging.export({ jobId });
    await stream.next();
    await state.jobs.cancel(jobId, Date.now());
    await eventually(async () => expect(await jobOf(jobId)).toMatchObject({ state: 'cancelled' }));
    const rest = async (): Promise<void> => {
      for (let step = await stream.next(); step.done !== true;) step = await stream.next();
    };
    await expect(rest()).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('whose reader leaves has failed, with the place to go on', async () => {
    await fill();
    const jobId = newPublicId('job');
    const stream = logging.export({ jobId });
    await stream.next();
    stream.cancel();
    await eventually(async () =>
      expect(await jobOf(jobId)).toMatchObject({
        state: 'failed',
        error: { code: 'cancelled', message: expect.stringContaining('"after"') },
      }),
    );
  });

  it('whose process has died has failed with that reason', async () => {
    const job = { kind: 'export', subject: 'x', params: '{}', document: '{}' };
    await state.jobs.add({ ...job, id: 'job_dead', createdAtMs: Date.now() }, { maxQueued: 1, share: false });
    await state.jobRuns.claim(['export'], 'somebody who died', 1);
    await eventually(
      async () =>
        expect(await jobOf('job_dead')).toMatchObject({
          state: 'failed',
          error: { message: expect.stringContaining('has ended') },
        }),
      { timeoutMs: 20_000 },
    );
  });

  it('is refused with an id that is none or taken, and beyond four at once', async () => {
    await fill();
    const first = (request: Parameters<RunningLogging['export']>[0]) => logging.export(request).next();
    await expect(first({ jobId: 'job_1' })).rejects.toMatchObject({ param: 'job_id' });
    const jobId = newPublicId('job');
    const streams = [jobId, '', '', ''].map((id) => logging.export({ jobId: id }));
    for (const stream of streams) await stream.next();
    await expect(first({})).rejects.toMatchObject({ code: 'overloaded' });
    streams[0]?.cancel();
    await eventually(async () => expect(await jobOf(jobId)).toMatchObject({ state: 'failed' }));
    await expect(first({ jobId })).rejects.toMatchObject({ code: 'conflict' });
    for (const stream of streams) stream.cancel();
  });
});
