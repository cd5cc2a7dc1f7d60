import { ParleyError } from '@parley/kernel';
import type { TenantContext } from '@parley/kernel';

/** Which events; an absent part means any. */
export interface EventFilter {
  /** The event's subject, its turn or its key, which is the conversation's id. */
  readonly subject?: string;
  readonly types?: readonly string[];
  /** Occurred at or after this time. */
  readonly fromMs?: number;
  /** Occurred before this time. */
  readonly toMs?: number;
  readonly tenant?: string;
  readonly turnId?: string;
}

/** More types than exist; a longer list is a mistake and would only make a slow query. */
const maxTypes = 64;

/**
 * The filter as this caller may use it: role `admin` sees every tenant, all others their own only.
 * @throws ParleyError `permission_denied` for another tenant's events, `invalid_request` for a senseless filter.
 */
export function permittedFilter(filter: EventFilter, caller: TenantContext): EventFilter {
  checkFilter(filter);
  if (caller.role === 'admin') return filter;
  if (caller.tenant === '' || (filter.tenant !== undefined && filter.tenant !== caller.tenant)) {
    throw new ParleyError(
      'permission_denied',
      'Events of another tenant can be read with the role admin only.',
    );
  }
  return { ...filter, tenant: caller.tenant };
}

function checkFilter({ types, fromMs, toMs }: EventFilter): void {
  if (types !== undefined && types.length > maxTypes) {
    throw new ParleyError('invalid_request', `At most ${maxTypes} event types can be asked for at once.`, {
      param: 'filter.types',
    });
  }
  for (const [param, time] of Object.entries({ 'filter.from': fromMs, 'filter.to': toMs })) {
    if (time !== undefined && !Number.isFinite(time)) {
      throw new ParleyError('invalid_request', `${param} is not a time.`, { param });
    }
  }
}
