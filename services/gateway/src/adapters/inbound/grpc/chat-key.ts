import type { Metadata } from '@grpc/grpc-js';
import { gateway } from '@parley/contracts';
import type { IdempotencyKey } from '../../../ports/call.ts';
import { idempotencyKey } from '../idempotency.ts';
import { metadataText } from './call-identity.ts';

/**
 * The key under which a Chat may be called again, from its metadata `idempotency-key`.
 * @throws ParleyError `invalid_request` for what cannot be a key
 */
export function chatKey(
  { metadata }: { readonly metadata: Metadata },
  request: gateway.ChatRequest,
): IdempotencyKey | undefined {
  const given = metadataText(metadata, 'idempotency-key');
  if (given === undefined) return undefined;
  // As it is encoded, so that a field which another version adds changes nothing; some clients shuffle their maps.
  const pairs = Object.entries(request.metadata).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const message = gateway.ChatRequest.encode({ ...request, metadata: Object.fromEntries(pairs) }).finish();
  const body = Buffer.from(message).toString('base64');
  return idempotencyKey(given, 'idempotency-key', { route: 'parley.gateway.v1.Assistant/Chat', body });
}
