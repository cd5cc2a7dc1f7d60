import type { Role } from '@parley/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { adminCall } from './admin-call.ts';
import { contextOf } from './request-context.ts';

function requestOf(role: Role): FastifyRequest {
  const request = { raw: {}, headers: {} } as unknown as FastifyRequest;
  contextOf(request).holder = { tenant: 'acme', role, keyId: 'k1' };
  return request;
}

const reply = { raw: {} } as FastifyReply;

describe('what only administrators may do', () => {
  it('is done for a key of the role admin', () => {
    expect(adminCall(requestOf('admin'), reply).tenant).toMatchObject({ tenant: 'acme', keyId: 'k1' });
  });

  it.each(['tenant-admin', 'user'] as const)('is refused to a key of the role %s', (role) => {
    expect(() => adminCall(requestOf(role), reply)).toThrow(
      expect.objectContaining({ code: 'permission_denied' }),
    );
  });
});
