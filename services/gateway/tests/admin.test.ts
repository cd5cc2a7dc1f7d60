import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BootedGateway } from './support/booted-gateway.ts';
import { DialoguePeer } from './support/dialogue-peer.ts';
import { fleetPeer } from './support/other-peers.ts';
import { RecordPeer } from './support/record-peer.ts';

describe('an administrator', () => {
  const record = new RecordPeer();
  const dialogue = new DialoguePeer();
  const logging = record.peer;
  const monitoring = fleetPeer();
  let gateway: BootedGateway;

  beforeAll(async () => {
    await Promise.all([dialogue.peer, logging, monitoring].map((peer) => peer.listen()));
    gateway = await BootedGateway.start({
      PARLEY_DIALOGUE_ADDRESS: dialogue.peer.address,
      PARLEY_LOGGING_ADDRESS: logging.address,
      PARLEY_MONITORING_ADDRESS: monitoring.address,
    });
  });

  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    for (const peer of [dialogue.peer, logging, monitoring]) peer.kill();
  });

  it('reads the record with its filters', async () => {
    const response = await gateway.fetch(
      '/admin/v1/events?conversation=conv_1&turn=resp_1&type=a.v1,b.v1&type=c.v1&after=c0&limit=7',
    );
    expect(await response.json()).toMatchObject({
      object: 'list',
      data: [
        {
          id: 'e1',
          type: 'parley.turn.completed.v1',
          data: { finishReason: 'FINISH_REASON_STOP' },
          turn_id: 'resp_1',
        },
      ],
      next: 'c1',
    });
    expect(record.asked.at(-1)?.request).toMatchObject({
      filter: { subject: 'conv_1', turnId: 'resp_1', types: ['a.v1', 'b.v1', 'c.v1'], tenant: '' },
      after: 'c0',
      limit: 7,
    });
    const time = 'from=2026-01-01T00:00:00Z&to=2026-01-02T01:00:00%2B01:00&tenant=acme&after=end';
    expect(await (await gateway.fetch(`/admin/v1/events?${time}`)).json()).toMatchObject({ reached: 'c1' });
    expect(record.asked.at(-1)?.request).toMatchObject({
      filter: { tenant: 'acme', from: new Date(Date.UTC(2026, 0, 1)), to: new Date(Date.UTC(2026, 0, 2)) },
      after: 'end',
    });
    for (const query of [
      'from=yesterday',
      'limit=0',
      'limit=1001',
      'limit=x',
      'limit=1&limit=2',
      'turns=resp_1',
    ]) {
      expect((await gateway.fetch(`/admin/v1/events?${query}`)).status).toBe(400);
    }
  });

  it('reads what the record holds of one turn', async () => {
    const response = await gateway.fetch('/admin/v1/turns/resp_1');
    expect(await response.json()).toMatchObject({
      object: 'list',
      data: [{ id: 'e1', turn_id: 'resp_1', data: { finishReason: 'FINISH_REASON_STOP' } }],
      next: null,
    });
    expect(record.asked.at(-1)?.request).toMatchObject({
      filter: { turnId: 'resp_1', subject: '', tenant: '' },
    });
  });

  it.each(['/admin/v1/turns/resp_2', '/admin/v1/turns/', `/admin/v1/turns/${'r'.repeat(200)}`])(
    'finds nothing recorded at %.30s',
    async (path) => {
      const response = await gateway.fetch(path);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { code: 'not_found' } });
    },
  );

  it('shows the fleet', async () => {
    expect(await (await gateway.fetch('/admin/v1/fleet')).json()).toMatchObject({
      object: 'fleet',
      instances: [
        { service: 'dialogue', health: 'ready', reason: null },
        { health: 'down', reason: 'refused', instance_id: null, last_answer_at: null },
      ],
    });
  });
});
