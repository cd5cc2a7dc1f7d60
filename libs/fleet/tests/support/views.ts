import { Metadata, credentials } from '@grpc/grpc-js';
import { gateway } from '@parley/contracts';
import { WebSocket } from 'ws';
import { responseEvents } from './sse.ts';

/** Where one gateway serves its protocols. */
export interface GatewayPlace {
  readonly url: string;
  readonly publicGrpcAddress: string;
  readonly apiKey: string;
}

/** One event of a turn's log, as a protocol showed it. */
export interface SeenEvent {
  readonly sequence: number;
  /** The piece of text that it carries; '' when it carries none. */
  readonly delta: string;
  readonly ended: boolean;
}

/** Reads a stored turn after a number (undefined: all), until its end, `signal` or a broken connection. */
export type View = (
  place: GatewayPlace,
  responseId: string,
  after: number | undefined,
  signal: AbortSignal,
) => AsyncIterable<SeenEvent>;

interface ResponseEvent {
  readonly type: string;
  readonly sequence_number: number;
  readonly delta?: string;
  readonly response_id?: string;
  readonly code?: string;
  readonly message?: string;
}

function seen({ type, sequence_number, delta }: ResponseEvent): SeenEvent {
  return {
    sequence: sequence_number,
    delta: type === 'response.output_text.delta' ? (delta ?? '') : '',
    ended: /^response\.(completed|incomplete|failed)$/.test(type),
  };
}

async function* overSse(
  { url, apiKey }: GatewayPlace,
  id: string,
  after: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<SeenEvent> {
  const query = after === undefined ? '' : `&starting_after=${after}`;
  const headers = { authorization: `Bearer ${apiKey}` };
  const response = await fetch(`${url}/v1/responses/${id}?stream=true${query}`, { headers, signal });
  if (response.status !== 200) throw new Error(`SSE: ${response.status} ${await response.text()}`);
  for await (const event of responseEvents(response)) yield seen(event);
}

async function* overWebSocket(
  { url, apiKey }: GatewayPlace,
  id: string,
  after: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<SeenEvent> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/responses`, {
    headers: { authorization: `Bearer ${apiKey}` },
  });
  const frames = new TransformStream<ResponseEvent, ResponseEvent>();
  const writer = frames.writable.getWriter();
  const fail = (reason: unknown): void => void writer.abort(reason).catch(() => undefined);
  socket.on('open', () =>
    socket.send(
      JSON.stringify({
        type: 'response.attach',
        response_id: id,
        ...(after === undefined ? {} : { starting_after: after }),
      }),
    ),
  );
  socket.on('message', (data: Buffer) => {
    writer.write(JSON.parse(data.toString()) as ResponseEvent).catch(() => undefined);
  });
  socket.on('error', fail);
  socket.on('close', (code) => fail(new Error(`WebSocket closed with ${code}`)));
  signal.addEventListener('abort', () => socket.terminate(), { once: true });
  try {
    for await (const event of frames.readable) {
      if (event.type === 'error') throw new Error(`WebSocket: ${event.code} ${event.message}`);
      if (event.response_id !== id) throw new Error(`an event of ${event.response_id}`);
      const shown = seen(event);
      yield shown;
      if (shown.ended) return;
    }
  } finally {
    socket.terminate();
  }
}

async function* overGrpc(
  { publicGrpcAddress, apiKey }: GatewayPlace,
  id: string,
  after: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<SeenEvent> {
  const client = new gateway.AssistantClient(publicGrpcAddress, credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${apiKey}`);
  const call = client.attach({ responseId: id, startingAfter: after }, metadata);
  signal.addEventListener('abort', () => call.cancel(), { once: true });
  try {
    for await (const event of call as AsyncIterable<gateway.ResponseEvent>) {
      if (event.responseId !== id) throw new Error(`an event of ${event.responseId}`);
      yield {
        sequence: event.sequence,
        delta: event.event?.$case === 'textDelta' ? event.event.textDelta.text : '',
        ended: event.event?.$case === 'finished',
      };
    }
  } finally {
    call.cancel();
    client.close();
  }
}

/** The three protocols that show one log. */
export const views = { sse: overSse, websocket: overWebSocket, grpc: overGrpc } as const satisfies Record<
  string,
  View
>;
export type Protocol = keyof typeof views;

/** Stops a turn over a protocol. */
export const cancels: Readonly<Record<Protocol, (place: GatewayPlace, id: string) => Promise<void>>> = {
  sse: async ({ url, apiKey }, id) => {
    const headers = { authorization: `Bearer ${apiKey}` };
    const response = await fetch(`${url}/v1/responses/${id}/cancel`, { method: 'POST', headers });
    if (response.status !== 200) throw new Error(`cancel: ${response.status} ${await response.text()}`);
  },
  websocket: async ({ url, apiKey }, id) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/responses`, {
      headers: { authorization: `Bearer ${apiKey}` },
    });
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('open', () => {
        socket.send(JSON.stringify({ type: 'response.cancel', response_id: id }), (error) =>
          error ? reject(error) : resolve(),
        );
      });
    });
    // The frame is on its way; the turn's own end tells whether it was heard.
    setTimeout(() => socket.close(), 1_000);
  },
  grpc: async ({ publicGrpcAddress, apiKey }, id) => {
    const client = new gateway.AssistantClient(publicGrpcAddress, credentials.createInsecure());
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${apiKey}`);
    await new Promise<void>((resolve, reject) => {
      client.cancel({ responseId: id }, metadata, (error) => (error === null ? resolve() : reject(error)));
    });
    client.close();
  },
};
