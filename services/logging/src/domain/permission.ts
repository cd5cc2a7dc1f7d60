import { ParleyError } from '@parley/kernel';
import type { TenantContext } from '@parley/kernel';

/** Lets only administrators of the fleet through. @throws ParleyError `permission_denied`. */
export function requireAdmin({ role }: TenantContext): void {
  if (role !== 'admin') throw new ParleyError('permission_denied', 'This needs the role admin.');
}

/**
 * Lets through who administers this tenant: the fleet's administrators, and its own.
 * @throws ParleyError `permission_denied`.
 */
export function requireAdminOf(tenant: string, caller: TenantContext): void {
  if (caller.role === 'admin' || (caller.role === 'tenant-admin' && caller.tenant === tenant)) return;
  throw new ParleyError('permission_denied', 'This needs an administrator of the tenant.');
}
