import type { ParleyError } from '@parley/kernel';
import type { GatewayEvents } from '../ports/gateway-events.ts';
import { httpErrors } from './error-table.ts';

/** The status an error counts under, whatever its protocol. */
export function statusOf(error: ParleyError): number {
  return httpErrors[error.code].status;
}

/** Tells of an error where its request ends: as a fault of the fleet, or as a refusal that its client brought about. */
export function reportFailure(events: GatewayEvents, error: ParleyError, requestId: string): void {
  if (statusOf(error) >= 500 && error.code !== 'overloaded') events.failed(error, requestId);
  else events.refused(error);
}
