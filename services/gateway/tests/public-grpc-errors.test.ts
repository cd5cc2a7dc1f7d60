import { Client, credentials, status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { gateway as api } from '@parley/contracts';
import { ParleyError } from '@parley/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assistantClient, chatRequest, detailOf, readAll, withKey } from './support/assistant-client.ts';
import { apiKey, BootedGateway } from './support/booted-gateway.ts';
import { DialoguePeer } from './support/dialogue-peer.ts';
import { metadataOf } from './support/reflected-client.ts';

let dialogue: DialoguePeer;
let gateway: BootedGateway;
let client: api.AssistantClient;

async function boot(variables: Record<string, string> = {}): Promise<void> {
  gateway = await BootedGateway.start({ PARLEY_DIALOGUE_ADDRESS: dialogue.peer.address, ...variables });
  client = assistantClient(gateway);
}

beforeEach(async () => {
  dialogue = new DialoguePeer();
  await dialogue.peer.listen();
});

afterEach(async () => {
  client.close();
  dialogue.peer.kill();
  await gateway[Symbol.asyncDispose]();
});

describe('a call that fails', () => {
  it.each([
    ['without a key', undefined, status.UNAUTHENTICATED, 'unauthenticated'],
    ['with a wrong key', { authorization: 'Bearer wrong' }, status.UNAUTHENTICATED, 'unauthenticated'],
    ['with another scheme', { authorization: `Basic ${apiKey}` }, status.UNAUTHENTICATED, 'unauthenticated'],
  ])('%s is told so, with code and trailer', async (_name, metadata, code, errorCode) => {
    await boot();
    const { error } = await readAll(client.chat(chatRequest('Hi'), metadataOf(metadata ?? {})));
    expect(error?.code).toBe(code);
    expect(detailOf(error)?.code).toBe(errorCode);
    expect(dialogue.requests).toHaveLength(0);
  });

  const schema = (name: string, text: string) =>
    ({ format: { form: { $case: 'jsonSchema', jsonSchema: { name, schema: text } } } }) as const;

  it.each<[string, Partial<api.ChatRequest>, string, string | undefined]>([
    ['no input', { input: [] }, 'invalid_request', 'input'],
    [
      'a message without text',
      { input: [{ role: api.Role.ROLE_USER, texts: [], name: '', functionCalls: [], callId: '' }] },
      'invalid_request',
      'input[0].texts',
    ],
    [
      'an unknown role',
      { input: [{ role: api.Role.UNRECOGNIZED, texts: ['x'], name: '', functionCalls: [], callId: '' }] },
      'invalid_request',
      'input[0].role',
    ],
    ['too hot', { sampling: { temperature: 9 } }, 'invalid_request', 'sampling.temperature'],
    ['too many stops', { stop: ['a', 'b', 'c', 'd', 'e'] }, 'invalid_request', 'stop'],
    ['a schema that is none', schema('x', '[]'), 'invalid_request', 'format.json_schema.schema'],
    ['a schema that is no JSON', schema('x', '{'), 'invalid_request', undefined],
    ['a schema without a name', schema('', '{}'), 'invalid_request', 'format.json_schema.name'],
    ['an impossible predecessor', { previousResponseId: 'x' }, 'not_found', 'previous_response_id'],
  ])('%s is told which field it was', async (_name, changes, code, param) => {
    await boot();
    const { error } = await readAll(client.chat(chatRequest('Hi', changes), withKey));
    expect(detailOf(error)).toMatchObject({ code, param: param ?? '' });
    expect(error?.details).not.toBe('');
    expect(dialogue.requests).toHaveLength(0);
  });

  it('for a reason of the fleet carries its code and when to try again', async () => {
    dialogue.refuse = () => new ParleyError('model_not_ready', 'Loading.', { retryAfterMs: 2500 });
    await boot();
    const { error } = await readAll(client.chat(chatRequest('Hi'), withKey));
    expect(error?.code).toBe(status.FAILED_PRECONDITION);
    expect(detailOf(error)).toMatchObject({ code: 'model_not_ready', retryable: true, retryAfterMs: 2500 });
  });

  it('because a log is kept no longer says so', async () => {
    dialogue.refuseAttach = () => new ParleyError('stream_expired', 'It ended more than 10 minutes ago.');
    await boot();
    const { events } = await readAll(client.chat(chatRequest('Hi'), withKey));
    const responseId = events[0]?.responseId ?? '';
    const { error } = await readAll(client.attach({ responseId }, withKey));
    expect(error?.code).toBe(status.OUT_OF_RANGE);
    expect(detailOf(error)?.code).toBe('stream_expired');
  });

  it('because its bytes are garbage or too many harms nobody', async () => {
    await boot({ PARLEY_BODY_LIMIT_BYTES: '2048' });
    const garbage = await rawChat(Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]));
    expect(garbage.code).toBe(status.INVALID_ARGUMENT);
    expect(detailOf(garbage)?.code).toBe('invalid_request');
    const large = await readAll(client.chat(chatRequest('x'.repeat(3000)), withKey));
    expect(large.error?.code).toBe(status.RESOURCE_EXHAUSTED);
    expect((await rawChat(Buffer.alloc(0), '/parley.gateway.v1.Assistant/Nothing')).code).toBe(
      status.UNIMPLEMENTED,
    );
    expect((await rawChat(Buffer.alloc(0), '/parley.common.v1.Instance/Describe')).code).toBe(
      status.UNIMPLEMENTED,
    );
    expect(dialogue.requests).toHaveLength(0);
    expect((await readAll(client.chat(chatRequest('Hi'), withKey))).error).toBeUndefined();
  });

  it('or not carries the request’s id', async () => {
    await boot();
    const call = client.chat(chatRequest('Hi'), metadataOf({ 'x-api-key': apiKey, 'x-request-id': 'req-7' }));
    const headers = new Promise<string>((resolve) => {
      call.once('metadata', (metadata) => resolve(String(metadata.get('x-request-id')[0])));
    });
    await readAll(call);
    expect(await headers).toBe('req-7');
    expect(dialogue.metadata[0]).toMatchObject({ 'x-request-id': 'req-7' });
  });
});

async function rawChat(message: Buffer, path = '/parley.gateway.v1.Assistant/Chat'): Promise<ServiceError> {
  const bare = new Client(gateway.grpcAddress, credentials.createInsecure());
  const bytes = (value: Buffer): Buffer => value;
  const error = await new Promise<ServiceError>((resolve) => {
    bare
      .makeServerStreamRequest(path, bytes, bytes, message, withKey)
      .on('data', () => undefined)
      .once('error', (fault) => resolve(fault as ServiceError));
  });
  bare.close();
  return error;
}
