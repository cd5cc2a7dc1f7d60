import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BootedGateway } from './support/booted-gateway.ts';
import { documentsService } from './support/configured-services.ts';
import { GrpcPeer } from './support/grpc-peer.ts';
import { ModelPeer } from './support/model-peer.ts';

interface InstanceEntry {
  readonly service: string;
  readonly address: string;
  readonly instance_id: string | null;
  readonly error: string | null;
  readonly documents: readonly object[];
}

describe('the configuration that is in effect', () => {
  const dialogues = ['d1', 'd2', 'd3'].map((instanceId) => new GrpcPeer([documentsService({ instanceId })]));
  const model = new ModelPeer();
  let gateway: BootedGateway;

  beforeAll(async () => {
    await Promise.all([...dialogues, model.peer].map((peer) => peer.listen()));
    gateway = await BootedGateway.start({
      PARLEY_DIALOGUE_ADDRESS: dialogues.map(({ address }) => address).join(','),
      PARLEY_MODEL_ADDRESS: model.peer.address,
    });
  });

  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    for (const peer of [...dialogues, model.peer]) peer.kill();
  });

  async function services(): Promise<readonly InstanceEntry[]> {
    const response = await gateway.fetch('/admin/v1/config');
    expect(response.status).toBe(200);
    const config = (await response.json()) as { object: string; services: readonly InstanceEntry[] };
    expect(config.object).toBe('config');
    return config.services;
  }

  it('is shown for every instance, with documents, faults and drifts', async () => {
    const all = await services();
    expect(all.map(({ instance_id }) => instance_id)).toEqual(['d1', 'd2', 'd3', 'm1']);
    expect(all[0]).toEqual({
      service: 'dialogue',
      address: dialogues[0]?.address,
      instance_id: 'd1',
      error: null,
      revision: 3,
      loaded_at: Date.parse('2026-11-24T12:00:00Z') / 1000,
      documents: [
        {
          kind: 'Assistant',
          name: 'helper',
          version: '1.2.0',
          digest: 'a'.repeat(64),
          file: 'assistants/helper.yaml',
        },
      ],
      faults: [],
      drifts: [],
    });
    expect(all[3]).toMatchObject({
      service: 'model',
      faults: [
        {
          file: 'models/broken.yaml',
          line: 7,
          path: 'spec.path',
          message: 'it must be a text, not a number',
        },
      ],
      drifts: [{ subject: 'alias default', configured: 'parley-tiny', actual: 'smollm2' }],
    });
  });

  it('is shown for the others when an instance has gone, which is listed with the reason', async () => {
    dialogues[1]?.kill();
    const all = await services();
    expect(all.map(({ instance_id }) => instance_id)).toEqual(['d1', null, 'd3', 'm1']);
    expect(all[1]).toMatchObject({
      service: 'dialogue',
      address: dialogues[1]?.address,
      error: expect.stringContaining('cannot be reached') as string,
      loaded_at: null,
      documents: [],
      faults: [],
      drifts: [],
    });
  });
});
