import { ServerInterceptingCall } from '@grpc/grpc-js';
import type { Metadata, ServerInterceptor } from '@grpc/grpc-js';
import { Deadline, ParleyError } from '@parley/kernel';
import type { ServiceName } from '@parley/telemetry';
import { setCallContext } from './call-context.ts';
import type { CallContext } from './call-context.ts';
import { errorStatus } from './error-status.ts';
import type { FleetTokens } from './fleet-tokens.ts';
import { metadataKeys } from './metadata-keys.ts';

/** Who may call what. */
export interface AuthenticationOptions {
  readonly tokens: FleetTokens;
  /** Whether `caller` may call the method with this path, `/parley.dialogue.v1.Turns/StartTurn`. */
  readonly allows: (caller: ServiceName, path: string) => boolean;
}

/** Health probes come from orchestrators that hold no fleet secret; the answer tells nothing but up or down. */
const openPrefix = '/grpc.health.v1.Health/';

/**
 * The server interceptor that lets a call pass only with a valid fleet token of a caller that may make it:
 * UNAUTHENTICATED without the first, PERMISSION_DENIED without the second. Health is exempt.
 */
export function authentication(options: AuthenticationOptions): ServerInterceptor {
  return (method, call) => {
    if (method.path.startsWith(openPrefix)) return new ServerInterceptingCall(call);
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            try {
              setCallContext(metadata, verifiedContext(metadata, call.getDeadline(), method.path, options));
            } catch (error) {
              call.sendStatus(errorStatus(error));
              return;
            }
            pass(metadata);
          },
        }),
    });
  };
}

function verifiedContext(
  metadata: Metadata,
  callDeadline: Date | number,
  path: string,
  options: AuthenticationOptions,
): CallContext {
  const { caller, tenant } = options.tokens.verify(bearer(metadata));
  if (!options.allows(caller, path)) {
    throw new ParleyError('permission_denied', `The ${caller} service may not call ${path}.`);
  }
  const deadline = workDeadline(metadata, callDeadline);
  const traceparent = text(metadata, metadataKeys.traceparent);
  return {
    caller,
    tenant,
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(deadline === undefined ? {} : { deadline }),
  };
}

function bearer(metadata: Metadata): string {
  const token = text(metadata, metadataKeys.authorization)?.match(/^Bearer (\S+)$/)?.[1];
  if (token === undefined) throw new ParleyError('unauthenticated', 'An internal call needs a fleet token.');
  return token;
}

/** Remaining milliseconds as the caller counted them; else the deadline of the call. */
function workDeadline(metadata: Metadata, callDeadline: Date | number): Deadline | undefined {
  const written = text(metadata, metadataKeys.remainingMs);
  if (written !== undefined && /^\d{1,10}$/.test(written)) return Deadline.in(Number(written));
  const at = Number(callDeadline);
  return Number.isFinite(at) ? Deadline.in(Math.max(0, at - Date.now())) : undefined;
}

function text(metadata: Metadata, key: string): string | undefined {
  const [value] = metadata.get(key);
  return typeof value === 'string' ? value : undefined;
}
