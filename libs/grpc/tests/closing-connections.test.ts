import { Server, ServerCredentials, credentials } from '@grpc/grpc-js';
import type { ChannelOptions } from '@grpc/grpc-js';
import { fleet } from '@parley/contracts';
import { serverChannelOptions } from '@parley/grpc';
import { sleep } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { clientChannelOptions } from '../src/channel-options.ts';
import { message } from './fleet-server.ts';
import type { WatchCall } from './fleet-server.ts';

/** Several pings lie within a stream, in place of the one of 20 s that lies within a turn. */
const quickPings = { 'grpc.keepalive_time_ms': 300, 'grpc.keepalive_timeout_ms': 5_000 };
const pieces = 20;
const pieceMs = 100;

async function tell(call: WatchCall): Promise<void> {
  for (let piece = 0; piece < pieces && !call.cancelled; piece++) {
    call.write(message(String(piece)));
    await sleep(pieceMs);
  }
  call.end();
}

/** Messages of a stream that arrive, and its error where it is cut, while the connection is closed in good order. */
async function streamed(
  options: ChannelOptions,
  close: (server: Server) => Promise<void>,
): Promise<{ messages: number; error: string }> {
  const server = new Server({ ...serverChannelOptions(), ...quickPings, ...options });
  server.addService(fleet.FleetService, {
    getFleet: () => undefined,
    watchFleet: (call: WatchCall) => void tell(call),
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  const channel = { ...clientChannelOptions(fleet.FleetClient.service), ...quickPings };
  const client = new fleet.FleetClient(`127.0.0.1:${port}`, credentials.createInsecure(), channel);
  let messages = 0;
  const error = new Promise<string>((resolve) => {
    const stream = client.watchFleet({});
    stream.on('data', () => void messages++);
    stream.on('error', ({ message: why }: Error) => resolve(why));
    stream.on('end', () => resolve(''));
  });
  await sleep(2 * pieceMs);
  const closed = close(server);
  const found = await error;
  client.close();
  server.forceShutdown();
  await closed;
  return { messages, error: found };
}

const whole = { messages: pieces, error: '' };

describe('a stream goes on to its end on a connection that', () => {
  it('is renewed because of its age', async () => {
    const age = { 'grpc.max_connection_age_ms': 400, 'grpc.max_connection_age_grace_ms': 60_000 };
    expect(await streamed(age, () => Promise.resolve())).toEqual(whole);
  });

  it('its server leaves, as in a drain', async () => {
    const drain = (server: Server): Promise<void> =>
      new Promise((resolve) => server.tryShutdown(() => resolve()));
    expect(await streamed({}, drain)).toEqual(whole);
  });
});
