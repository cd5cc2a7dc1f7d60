import { ParleyError } from '@parley/kernel';
import type { TenantContext } from '@parley/kernel';
import { currentTraceparent } from '@parley/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { languagesOf } from '../../../domain/languages.ts';
import { requestIdOf, traceparentOf } from '../../../domain/request-identity.ts';
import type { Call, IdempotencyKey } from '../../../ports/call.ts';
import type { Protocol } from '../../../ports/gateway-events.ts';
import type { KeyHolder } from '../api-keys.ts';
import { idempotencyKey } from '../idempotency.ts';

/** What the edge knows about a request beside its content. */
export class RequestContext {
  readonly requestId: string;
  readonly traceparent: string | undefined;
  readonly #startedAt = performance.now();
  /** Set once the key is checked; undefined on public routes. */
  holder: KeyHolder | undefined;
  protocol: Protocol = 'http';
  #ended = false;
  readonly #whenEnded: (() => void)[] = [];

  constructor(request: FastifyRequest) {
    this.requestId = requestIdOf(request.headers['x-request-id']);
    this.traceparent = traceparentOf(request.headers['traceparent']);
  }

  /** Since the request's head arrived. */
  elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** Calls `listener` once the answer has ended or its client has gone. */
  whenEnded(listener: () => void): void {
    if (this.#ended) listener();
    else this.#whenEnded.push(listener);
  }

  /** Tells the listeners, once. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const listener of this.#whenEnded) listener();
  }

  /** @throws ParleyError `unauthenticated` when the route let a request through without a key */
  tenant(): TenantContext {
    if (this.holder === undefined) throw new ParleyError('unauthenticated', 'This needs an API key.');
    return { ...this.holder, requestId: this.requestId };
  }
}

const contexts = new WeakMap<object, RequestContext>();

/** The context of a request; made when it is first asked for, which is when the request arrives. */
export function contextOf(request: FastifyRequest): RequestContext {
  const known = contexts.get(request.raw);
  if (known !== undefined) return known;
  const context = new RequestContext(request);
  contexts.set(request.raw, context);
  return context;
}

/** What the client says it reads, best first; '' = not said. */
export function clientLanguages(request: FastifyRequest): string {
  return languagesOf(request.headers['accept-language']);
}

/**
 * How a request calls a neighbour: for its key's tenant, within its trace, until its client leaves.
 * @param controller also ends the call, for example because the process is going away
 * @throws ParleyError `invalid_request` for an Idempotency-Key that cannot be one
 */
export function callOf(
  request: FastifyRequest,
  reply: FastifyReply,
  controller = new AbortController(),
): Call {
  const context = contextOf(request);
  context.whenEnded(() => {
    if (!reply.raw.writableFinished) controller.abort(new ParleyError('cancelled', 'The client has gone.'));
  });
  return {
    tenant: context.tenant(),
    traceparent: currentTraceparent() ?? context.traceparent,
    signal: controller.signal,
    idempotency: idempotencyOf(request),
  };
}

/** Only a POST has a key: the other methods may be repeated by their nature. */
function idempotencyOf({ method, headers, routeOptions, body }: FastifyRequest): IdempotencyKey | undefined {
  if (method !== 'POST') return undefined;
  const route = `POST ${routeOptions.url ?? ''}`;
  return idempotencyKey(headers['idempotency-key'], 'Idempotency-Key', { route, body });
}
