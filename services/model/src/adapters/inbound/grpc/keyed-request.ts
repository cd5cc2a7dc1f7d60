import type { Metadata } from '@grpc/grpc-js';
import type { common } from '@parley/contracts';
import { callContext } from '@parley/grpc';
import type { KeyedRequest } from '@parley/state/ports';

/** The request as its tenant may repeat it; undefined when it has no idempotency key. */
export function keyedRequest(
  { idempotency }: { readonly idempotency: common.IdempotencyKey | undefined },
  metadata: Metadata,
): KeyedRequest | undefined {
  if (idempotency === undefined) return undefined;
  return { tenant: callContext(metadata).tenant.tenant, ...idempotency };
}
