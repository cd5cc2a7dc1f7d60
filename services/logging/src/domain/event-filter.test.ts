import { describe, expect, it } from 'vitest';
import type { Role } from '@parley/kernel';
import { permittedFilter } from './event-filter.ts';

function caller(role: Role, tenant = 'acme') {
  return { tenant, role, keyId: 'key_1', requestId: 'req_1' };
}

describe('the filter a caller may use', () => {
  it('is any for an admin', () => {
    expect(permittedFilter({}, caller('admin'))).toEqual({});
    expect(permittedFilter({ tenant: 'other' }, caller('admin'))).toEqual({ tenant: 'other' });
  });

  it.each(['user', 'tenant-admin'] as const)('is held to their own tenant for a %s', (role) => {
    expect(permittedFilter({ turnId: 'resp_1' }, caller(role))).toEqual({ turnId: 'resp_1', tenant: 'acme' });
    expect(permittedFilter({ tenant: 'acme' }, caller(role))).toEqual({ tenant: 'acme' });
  });

  it.each([
    ['another tenant', { tenant: 'other' }, 'acme'],
    ['events without a tenant', { tenant: '' }, 'acme'],
    ['anything without having one', {}, ''],
  ])('cannot be %s for a tenant-admin', (_, filter, tenant) => {
    const refused = expect.objectContaining({ code: 'permission_denied' });
    expect(() => permittedFilter(filter, caller('tenant-admin', tenant))).toThrow(refused);
  });

  it('names what makes no sense', () => {
    const admin = caller('admin');
    const fault = (param: string) => expect.objectContaining({ code: 'invalid_request', param });
    expect(() => permittedFilter({ types: Array.from({ length: 65 }, String) }, admin)).toThrow(
      fault('filter.types'),
    );
    expect(() => permittedFilter({ fromMs: Number.NaN }, admin)).toThrow(fault('filter.from'));
  });
});
