import { Metadata, ServerInterceptingCall } from '@grpc/grpc-js';
import type { ServerInterceptor } from '@grpc/grpc-js';
import { errorStatus } from '@parley/grpc';
import { ParleyError } from '@parley/kernel';
import { currentTraceparent } from '@parley/telemetry';
import { requestIdOf, traceparentOf } from '../../../domain/request-identity.ts';
import type { Call } from '../../../ports/call.ts';
import { bearerKey } from '../api-keys.ts';
import type { ApiKeys, KeyHolder } from '../api-keys.ts';

/** What answers without a key: probes, and what describes the API. */
const openPrefixes = ['/grpc.health.v1.Health/', '/grpc.reflection.v1'];

/** What is known of a call once its key is checked. */
export interface CallIdentity {
  readonly holder: KeyHolder;
  readonly requestId: string;
  readonly traceparent: string | undefined;
}

const identities = new WeakMap<Metadata, CallIdentity>();

/** Lets a call pass only with a key, before its message is read. @param onRefused is told of the others */
export function apiKeyInterceptor(keys: ApiKeys, onRefused: (error: ParleyError) => void): ServerInterceptor {
  return (method, call) => {
    if (openPrefixes.some((prefix) => method.path.startsWith(prefix)))
      return new ServerInterceptingCall(call);
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            const requestId = requestIdOf(metadataText(metadata, 'x-request-id'));
            const traceparent = currentTraceparent() ?? traceparentOf(metadataText(metadata, 'traceparent'));
            try {
              identities.set(metadata, {
                holder: keys.authenticate(keyOf(metadata)),
                requestId,
                traceparent,
              });
            } catch (error) {
              if (error instanceof ParleyError) onRefused(error);
              call.sendStatus(errorStatus(error));
              return;
            }
            pass(metadata);
          },
        }),
    });
  };
}

function keyOf(metadata: Metadata): string | undefined {
  return bearerKey(metadataText(metadata, 'authorization')) ?? metadataText(metadata, 'x-api-key');
}

/** A value of a call's metadata. */
export function metadataText(metadata: Metadata, key: string): string | undefined {
  const [value] = metadata.get(key);
  return typeof value === 'string' ? value : undefined;
}

/** @throws ParleyError `unauthenticated` when the call passed no interceptor: nothing vouches for it */
export function identityOf({ metadata }: { readonly metadata: Metadata }): CallIdentity {
  const identity = identities.get(metadata);
  if (identity === undefined) throw new ParleyError('unauthenticated', 'This call carries no checked key.');
  return identity;
}

/** The headers of an answer. */
export function answerHeaders({ requestId }: CallIdentity): Metadata {
  const headers = new Metadata();
  headers.set('x-request-id', requestId);
  return headers;
}

export function portCall({ holder, requestId, traceparent }: CallIdentity, signal: AbortSignal): Call {
  return { tenant: { ...holder, requestId }, traceparent, signal };
}
