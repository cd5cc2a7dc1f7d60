import { connect } from 'node:net';
import { ParleyError } from '@parley/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BootedGateway, apiKey } from './support/booted-gateway.ts';
import { RecordPeer } from './support/record-peer.ts';

let record: RecordPeer;
let gateway: BootedGateway;

beforeEach(async () => {
  record = new RecordPeer();
  await record.peer.listen();
  gateway = await BootedGateway.start({
    PARLEY_LOGGING_ADDRESS: record.peer.address,
    PARLEY_SLOW_READER_TIMEOUT_MS: '700',
  });
});
afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
  record.peer.kill();
});

/** 16 KiB of payload. */
const large = JSON.stringify({ text: 'x'.repeat(16_384) });

const linesOf = async (response: Response): Promise<{ id?: string; cursor?: string }[]> =>
  (await response.text())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { id?: string; cursor?: string });

describe('an export over HTTP', () => {
  it('is a line for each event, with its cursor, and names its job', async () => {
    const filter = { conversation: 'conv_1', turn: 'resp_1', types: ['a.v1'], tenant: 'acme', after: 'c0' };
    const response = await gateway.post('/admin/v1/export', { ...filter, from: '2026-01-01T00:00:00Z' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/x-ndjson/);
    expect(response.headers.get('x-parley-job-id')).toMatch(/^job_\d+_[0-9a-f]{32}$/);
    const lines = await linesOf(response);
    expect(lines.map(({ id, cursor }) => [id, cursor])).toEqual([
      ['e1', 'c1'],
      ['e2', 'c2'],
      ['e3', 'c3'],
    ]);
    expect(lines[0]).toMatchObject({ turn_id: 'resp_1', data: { finishReason: 'FINISH_REASON_STOP' } });
    expect(record.asked.at(-1)).toMatchObject({
      method: 'exportEvents',
      request: {
        filter: {
          subject: 'conv_1',
          turnId: 'resp_1',
          types: ['a.v1'],
          tenant: 'acme',
          from: new Date(Date.UTC(2026, 0, 1)),
        },
        after: 'c0',
        jobId: response.headers.get('x-parley-job-id'),
      },
    });
  });

  it('of nothing is an empty answer, and needs no body', async () => {
    record.exported = { events: 0 };
    const response = await gateway.fetch('/admin/v1/export', { method: 'POST' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  it('that cannot begin is a problem like any other', async () => {
    record.exported = { events: 0, error: new ParleyError('overloaded', '4 exports run here already.') };
    const response = await gateway.post('/admin/v1/export', {});
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: 'overloaded' } });
    for (const body of [{ types: 'a' }, { from: 'now' }, { unknown: 1 }])
      expect((await gateway.post('/admin/v1/export', body)).status).toBe(400);
  });

  it('that is cut says so in its last line, and by a connection that breaks', async () => {
    record.exported = { events: 2, error: new ParleyError('cancelled', 'The job was cancelled.') };
    const response = await gateway.post('/admin/v1/export', {});
    let text = '';
    const reading = (async () => {
      for await (const part of response.body ?? []) text += Buffer.from(part).toString();
    })();
    await expect(reading).rejects.toThrow();
    const lines = text.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines[2] ?? '')).toMatchObject({
      error: { code: 'cancelled', message: 'The job was cancelled.' },
    });
  });

  it('names its job although nothing is found for long', async () => {
    record.exported = { events: 1, silentMs: 2500 };
    const startedAt = performance.now();
    const response = await gateway.post('/admin/v1/export', {});
    expect(response.headers.get('x-parley-job-id')).toMatch(/^job_/);
    const headAfterMs = performance.now() - startedAt;
    expect(await linesOf(response)).toHaveLength(1);
    expect(performance.now() - startedAt - headAfterMs).toBeGreaterThan(300);
  });

  it('is read no faster than it is taken, and ends with a reader that takes nothing', async () => {
    record.exported = { events: 10_000, data: large };
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.pause();
    socket.write(
      `POST /admin/v1/export HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${apiKey}\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`,
    );
    await expect.poll(() => record.left, { timeout: 20_000 }).toBe(1);
    expect(record.sent).toBeLessThan(6_000);
    socket.destroy();
  });

  it('ends when its reader leaves', async () => {
    record.exported = { events: 10_000, data: large };
    const leaving = new AbortController();
    const response = await gateway.fetch('/admin/v1/export', { method: 'POST', signal: leaving.signal });
    await response.body?.getReader().read();
    leaving.abort();
    await expect.poll(() => record.left, { timeout: 10_000 }).toBe(1);
  });
});

describe('dead letters over HTTP', () => {
  it('are listed with what is wrong with them', async () => {
    const response = await gateway.fetch('/admin/v1/events/dead-letters?limit=5&after=d0');
    expect(await response.json()).toEqual({
      object: 'list',
      data: [
        {
          id: 'd1',
          reason: 'payload_not_json',
          detail: 'The payload is not JSON.',
          topic: 'parley.conversation.events.v1',
          partition: 3,
          offset: 7,
          key: 'conv_1',
          event_id: 'e9',
          type: 'parley.turn.completed.v1',
          tenant: 'acme',
          received_at: '2026-11-24T12:00:00.000Z',
          data: '{',
        },
      ],
      next: 'd1',
      has_more: true,
    });
    expect(record.asked.at(-1)?.request).toEqual({ limit: 5, after: 'd0' });
    expect((await gateway.fetch('/admin/v1/events/dead-letters?limit=0')).status).toBe(400);
  });

  it('can be tried again, all or some', async () => {
    const response = await gateway.post('/admin/v1/events/dead-letters/retry', { ids: ['d1', 'd2'] });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      recorded: 2,
      refused: [{ id: 'd1', reason: 'payload_not_json' }],
    });
    expect(record.asked.at(-1)?.request).toEqual({ ids: ['d1', 'd2'] });
    await gateway.fetch('/admin/v1/events/dead-letters/retry', { method: 'POST' });
    expect(record.asked.at(-1)?.request).toEqual({ ids: [] });
    for (const body of [{ ids: [] }, { ids: [5] }, { ids: ['x'.repeat(65)] }])
      expect((await gateway.post('/admin/v1/events/dead-letters/retry', body)).status).toBe(400);
  });
});

describe('the erasure of a user over HTTP', () => {
  const erase = (path: string) => gateway.fetch(`/admin/v1/users/${path}`, { method: 'DELETE' });

  it('is accepted and names the event that tells it', async () => {
    const response = await erase(`${encodeURIComponent('ada@example.org/x')}/data?tenant=acme`);
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({
      object: 'user.erasure',
      tenant: 'acme',
      user: 'ada@example.org/x',
      event_id: 'e42',
    });
    expect(record.asked.at(-1)?.request).toEqual({ tenant: 'acme', endUser: 'ada@example.org/x' });
    await erase('ada/data');
    expect(record.asked.at(-1)?.request).toEqual({ tenant: 'default', endUser: 'ada' });
  });

  it('refuses what is no user', async () => {
    expect((await erase('/data')).status).toBe(404);
    expect((await erase(`${'x'.repeat(513)}/data`)).status).toBe(400);
    expect((await erase('ada/data?force=1')).status).toBe(400);
  });
});
