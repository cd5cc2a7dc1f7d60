import type { Client } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { healthOf } from './support/assistant-client.ts';
import { apiKey, BootedGateway } from './support/booted-gateway.ts';
import { DialoguePeer } from './support/dialogue-peer.ts';
import { metadataOf, reflect, reflectedClient } from './support/reflected-client.ts';

const service = 'parley.gateway.v1.Assistant';
const dialogue = new DialoguePeer();
let gateway: BootedGateway;

beforeAll(async () => {
  await dialogue.peer.listen();
  gateway = await BootedGateway.start({ PARLEY_DIALOGUE_ADDRESS: dialogue.peer.address });
});

afterAll(async () => {
  dialogue.peer.kill();
  await gateway[Symbol.asyncDispose]();
});

describe('a client that knows nothing but the address', () => {
  it.each(['v1', 'v1alpha'] as const)('finds the service by reflection %s', async (version) => {
    const { listServicesResponse } = await reflect(gateway.grpcAddress, version, { listServices: '*' });
    expect(listServicesResponse?.service).toEqual([{ name: service }]);
  });

  it('talks to it with descriptors from reflection, as grpcurl does', async () => {
    const reflected = await reflectedClient(gateway.grpcAddress, service);
    const chat = reflectedMethod(reflected, 'Chat');
    const call = reflected.makeServerStreamRequest(
      `/${service}/Chat`,
      chat.requestSerialize,
      chat.responseDeserialize,
      { input: [{ role: 'ROLE_USER', texts: ['Hi'] }] },
      metadataOf({ 'x-api-key': apiKey }),
    );
    const events: Record<string, unknown>[] = [];
    for await (const event of call) events.push(event as Record<string, unknown>);
    reflected.close();
    expect(events[0]).toMatchObject({
      sequence: 0,
      event: 'created',
      created: { status: 'STATUS_IN_PROGRESS' },
    });
    expect(events.at(-1)).toMatchObject({
      event: 'finished',
      finished: { status: 'STATUS_COMPLETED', output: [{ role: 'ROLE_ASSISTANT', texts: ['Hello world'] }] },
    });
  });

  it('sees its health without a key', async () => {
    // Readiness waits for dialogue's first answer.
    await expect.poll(() => healthOf(gateway.grpcAddress)).toBe(1);
  });
});

function reflectedMethod(of: Client, name: string) {
  const { service: definition } = of.constructor as unknown as {
    service: Record<
      string,
      {
        readonly requestSerialize: (value: object) => Buffer;
        readonly responseDeserialize: (bytes: Buffer) => unknown;
      }
    >;
  };
  const method = definition[name];
  if (method === undefined) throw new Error(`no ${name}`);
  return method;
}
