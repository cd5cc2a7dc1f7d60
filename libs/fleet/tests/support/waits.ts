import { Metadata, credentials } from '@grpc/grpc-js';
import { gateway } from '@parley/contracts';
import { WebSocket } from 'ws';
import type { TestFleet } from './test-fleet.ts';

/** One answer as a client got it, and what it was told while its model was on its way. */
export interface WaitedAnswer {
  readonly waits: readonly string[];
  /** The kinds of the log's events that followed. */
  readonly kinds: readonly string[];
}

const input = 'Hi';

/** The default model's answer over a WebSocket. */
export async function waitOverWebSocket({ fleet }: TestFleet): Promise<WaitedAnswer> {
  const headers = { authorization: `Bearer ${fleet.apiKey}` };
  const socket = new WebSocket(`${fleet.url.replace('http', 'ws')}/v1/responses`, { headers });
  const waits: string[] = [];
  const kinds: string[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('The connection was closed.')));
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'response.create', input, max_output_tokens: 4 })),
    );
    socket.on('message', (data: Buffer) => {
      const { type, stage } = JSON.parse(data.toString()) as { type: string; stage?: string };
      if (type === 'response.waiting') waits.push(stage ?? '');
      else kinds.push(type);
      if (/^(error|response\.(completed|incomplete|failed))$/.test(type)) resolve();
    });
  });
  socket.terminate();
  return { waits, kinds };
}

/** The same over gRPC. */
export async function waitOverGrpc({ fleet }: TestFleet): Promise<WaitedAnswer> {
  const place = fleet.instances().find(({ publicGrpcAddress }) => publicGrpcAddress !== undefined);
  const client = new gateway.AssistantClient(place?.publicGrpcAddress ?? '', credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${fleet.apiKey}`);
  const said = gateway.Message.create({ role: gateway.Role.ROLE_USER, texts: [input] });
  const call = client.chat(gateway.ChatRequest.create({ input: [said], maxOutputTokens: 4 }), metadata);
  const waits: string[] = [];
  const kinds: string[] = [];
  for await (const { event } of call as AsyncIterable<gateway.ResponseEvent>) {
    if (event?.$case === 'waiting') waits.push(event.waiting.stage);
    else kinds.push(event?.$case ?? '');
  }
  client.close();
  return { waits, kinds };
}
