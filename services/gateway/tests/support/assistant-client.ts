import { Client, credentials } from '@grpc/grpc-js';
import type { ClientReadableStream, Metadata, ServiceError } from '@grpc/grpc-js';
import { gateway } from '@parley/contracts';
import { apiKey } from './booted-gateway.ts';
import type { BootedGateway } from './booted-gateway.ts';
import { metadataOf } from './reflected-client.ts';

export type Event = gateway.ResponseEvent;

/** The key as metadata. */
export const withKey: Metadata = metadataOf({ authorization: `Bearer ${apiKey}` });

/** A client of the public gRPC API; close it. */
export function assistantClient(booted: BootedGateway): gateway.AssistantClient {
  return new gateway.AssistantClient(booted.grpcAddress, credentials.createInsecure());
}

/** A ChatRequest that says one thing; `changes` make it another one. */
export function chatRequest(text: string, changes: Partial<gateway.ChatRequest> = {}): gateway.ChatRequest {
  return {
    model: '',
    input: [{ role: gateway.Role.ROLE_USER, texts: [text], name: '', functionCalls: [], callId: '' }],
    instructions: '',
    previousResponseId: '',
    sampling: undefined,
    format: undefined,
    maxOutputTokens: 0,
    stop: [],
    metadata: {},
    endUser: '',
    languages: '',
    functions: [],
    toolChoice: gateway.ToolChoice.TOOL_CHOICE_UNSPECIFIED,
    chosenFunction: '',
    singleCall: false,
    ...changes,
  };
}

/** Reads a stream to its end; `error` is how it failed. */
export async function readAll(
  call: ClientReadableStream<Event>,
): Promise<{ events: Event[]; error: ServiceError | undefined }> {
  const events: Event[] = [];
  try {
    for await (const event of call) events.push(event as Event);
    return { events, error: undefined };
  } catch (error) {
    return { events, error: error as ServiceError };
  }
}

/** Reads up to and with the first event of a kind; the call goes on. */
export function readUntil(
  call: ClientReadableStream<Event>,
  kind: NonNullable<Event['event']>['$case'],
): Promise<Event> {
  return new Promise((resolve, reject) => {
    call.on('data', (event: Event) => {
      if (event.event?.$case === kind) resolve(event);
    });
    call.once('error', reject);
  });
}

/** The text of the deltas, joined. */
export function textOf(events: readonly Event[]): string {
  return events.map(({ event }) => (event?.$case === 'textDelta' ? event.textDelta.text : '')).join('');
}

/** What the trailer of a failed call tells. */
export function detailOf(error: ServiceError | undefined): gateway.ErrorDetail | undefined {
  const [value] = error?.metadata.get('parley-error-bin') ?? [];
  return Buffer.isBuffer(value) ? gateway.ErrorDetail.decode(value) : undefined;
}

/** A unary call as a promise. */
export function once<Res>(
  start: (callback: (error: ServiceError | null, answer: Res) => void) => unknown,
): Promise<Res> {
  return new Promise((resolve, reject) => {
    start((error, answer) => {
      if (error === null) resolve(answer);
      else reject(error);
    });
  });
}

/** What grpc.health.v1 says, asked without a key: 1 = SERVING, 2 = NOT_SERVING. */
export async function healthOf(address: string): Promise<number> {
  const bare = new Client(address, credentials.createInsecure());
  const bytes = (value: Buffer): Buffer => value;
  const answer = await once<Buffer | undefined>((done) =>
    bare.makeUnaryRequest('/grpc.health.v1.Health/Check', bytes, bytes, Buffer.alloc(0), done),
  );
  bare.close();
  return answer?.[1] ?? 0;
}
