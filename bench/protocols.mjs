/**
 * CPU per delivered token over SSE, WebSocket and gRPC: stored turns of two lengths on the simulated engine; the
 * difference of the two, per token, leaves out what a turn costs once.
 */
import { Metadata, credentials } from '@grpc/grpc-js';
import { gateway as gatewayApi } from '@parley/contracts';
import { WebSocket } from 'ws';
import { chat, cpuPer, usage, withFleet } from './harness.mjs';

const clients = 32;
const short = 32;
const long = 288;

const sse = async (fleet, tokens) => {
  const answer = await chat(fleet, { ...body(tokens), stream: true }, '/v1/responses');
  if (!answer.raw.includes('event: response.completed') && !answer.raw.includes('response.incomplete'))
    throw new Error(`SSE: ${answer.status} ${answer.raw.slice(0, 300)}`);
};

const body = (tokens) => ({ model: 'default', input: 'Tell a story.', max_output_tokens: tokens });

/** One connection per client, kept over its turns. */
function webSocketClient(fleet) {
  const socket = new WebSocket(`${fleet.url.replace('http', 'ws')}/v1/responses`, {
    headers: { authorization: `Bearer ${fleet.apiKey}` },
  });
  const open = new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return {
    turn: async (tokens) => {
      await open;
      await new Promise((resolve, reject) => {
        const onMessage = (data) => {
          const text = data.toString();
          if (text.includes('"type":"error"')) reject(new Error(text));
          if (!/"type":"response\.(completed|incomplete)"/.test(text)) return;
          socket.off('message', onMessage);
          resolve();
        };
        socket.on('message', onMessage);
        socket.send(JSON.stringify({ type: 'response.create', ...body(tokens) }));
      });
    },
    close: () => socket.close(),
  };
}

function grpcClient(fleet) {
  const address = fleet.instances().find(({ service }) => service === 'gateway').publicGrpcAddress;
  const client = new gatewayApi.AssistantClient(address, credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${fleet.apiKey}`);
  return {
    turn: async (tokens) => {
      const request = gatewayApi.ChatRequest.fromPartial({
        model: 'default',
        input: [{ role: gatewayApi.Role.ROLE_USER, texts: ['Tell a story.'] }],
        maxOutputTokens: tokens,
      });
      let last;
      for await (const event of client.chat(request, metadata)) last = event;
      if (last?.event?.$case !== 'finished') throw new Error('gRPC: the stream ended without its last event');
    },
    close: () => client.close(),
  };
}

const protocols = {
  SSE: (fleet) => ({ turn: (tokens) => sse(fleet, tokens), close: () => {} }),
  WebSocket: webSocketClient,
  gRPC: grpcClient,
};

async function measure(fleet, open, turns) {
  const each = Array.from({ length: clients }, () => open(fleet));
  const all = (tokens, count) =>
    Promise.all(
      each.map(async ({ turn }) => {
        for (let i = 0; i < count; i++) await turn(tokens);
      }),
    );
  const cpu = async (tokens) => {
    const before = usage(fleet);
    await all(tokens, turns);
    return cpuPer(before, usage(fleet), clients * turns);
  };
  try {
    // Code that is not compiled yet costs several times as much, and says nothing about a running fleet.
    await all(short, 3);
    const ofShort = await cpu(short);
    const ofLong = await cpu(long);
    const perToken = (service) => Math.round(((ofLong[service] - ofShort[service]) * 1000) / (long - short));
    return {
      gatewayUsPerToken: perToken('gateway'),
      dialogueUsPerToken: perToken('dialogue'),
      gatewayMsPerShortTurn: Number(ofShort.gateway.toFixed(2)),
      dialogueMsPerShortTurn: Number(ofShort.dialogue.toFixed(2)),
    };
  } finally {
    for (const { close } of each) close();
  }
}

export async function run(options) {
  const turns = Number(options.turns ?? 4);
  return withFleet({ configDir: 'bench/config/simulated' }, async (fleet) => {
    const rows = [];
    for (const [protocol, open] of Object.entries(protocols))
      rows.push({ protocol, clients, turns: clients * turns * 2, ...(await measure(fleet, open, turns)) });
    return { rows, tokens: { short, long } };
  });
}
