import type { Client } from '@grpc/grpc-js';
import { createGrpcClient } from '@parley/grpc';
import type { FleetTokens, GrpcClientConstructor, OutgoingOptions } from '@parley/grpc';
import { ParleyError } from '@parley/kernel';
import type { Call } from '../../ports/call.ts';

/** Gives the client of a neighbour. @throws ParleyError `unavailable` when this fleet has no such neighbour */
export interface Neighbour<C> {
  client(): C;
  close(): void;
}

/** A neighbour by its addresses; without any, what needs it answers 503 and the rest works. */
export function neighbour<C extends Client>(
  name: string,
  constructor: GrpcClientConstructor<C>,
  addresses: readonly string[],
  tokens: FleetTokens,
): Neighbour<C> {
  const client = addresses.length === 0 ? undefined : createGrpcClient(constructor, { addresses, tokens });
  return {
    client() {
      if (client !== undefined) return client;
      throw new ParleyError(
        'unavailable',
        `This fleet runs without the ${name} service: PARLEY_${name.toUpperCase()}_ADDRESS is not set.`,
      );
    },
    close: () => client?.close(),
  };
}

/** A port's call as the gRPC helpers take it. */
export function outgoingOf(call: Call): OutgoingOptions {
  return { tenant: call.tenant, traceparent: call.traceparent, signal: call.signal };
}
