import { createHmac } from 'node:crypto';
import { Secret } from '@parley/config';
import { ParleyError } from '@parley/kernel';
import type { TenantContext } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { FleetTokens } from './fleet-tokens.ts';

const secret = new Secret('s'.repeat(43));
const older = new Secret('o'.repeat(43));
const tenant: TenantContext = { tenant: 'acme', role: 'user', keyId: 'key-1', requestId: 'req-1' };

function tokensAt(now: { ms: number }, secrets = [secret]): FleetTokens {
  return new FleetTokens(secrets, 'gateway', { now: () => now.ms });
}

function refusal(tokens: FleetTokens, token: string): string {
  try {
    tokens.verify(token);
  } catch (error) {
    if (error instanceof ParleyError) return `${error.code}: ${error.message}`;
  }
  return 'accepted';
}

function forge(claims: unknown, key = secret): string {
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${payload}.${createHmac('sha256', key.reveal()).update(payload).digest('base64url')}`;
}

describe('a fleet token', () => {
  it('proves caller and tenant', () => {
    const tokens = tokensAt({ ms: 0 });
    expect(tokens.verify(tokens.sign(tenant))).toEqual({ caller: 'gateway', tenant });
  });

  it('is good for 60 seconds and not for longer', () => {
    const now = { ms: 1000 };
    const tokens = tokensAt(now);
    const token = tokens.sign(tenant);
    now.ms += 59_999;
    expect(refusal(tokens, token)).toBe('accepted');
    now.ms += 1;
    expect(refusal(tokens, token)).toContain('unauthenticated: The fleet token has expired');
  });

  it('signed with an older secret is good as long as that secret is listed', () => {
    const token = tokensAt({ ms: 0 }, [older]).sign(tenant);
    expect(refusal(tokensAt({ ms: 0 }, [secret, older]), token)).toBe('accepted');
    expect(refusal(tokensAt({ ms: 0 }, [secret]), token)).toContain('not signed with a secret of this fleet');
  });

  it('is signed with the first secret', () => {
    const token = tokensAt({ ms: 0 }, [secret, older]).sign(tenant);
    expect(refusal(tokensAt({ ms: 0 }, [secret]), token)).toBe('accepted');
  });

  it('is refused when any character of its claims or signature is changed', () => {
    const tokens = tokensAt({ ms: 0 });
    const token = tokens.sign(tenant);
    const [payload = '', signature = ''] = token.split('.');
    const other =
      forge({ c: 'gateway', t: 'acme', r: 'admin', k: '', q: '', e: 60_000 }, older).split('.')[0] ?? '';
    for (const bad of [
      `${other}.${signature}`,
      `${payload}.${signature.slice(1)}`,
      `${payload}.${'A'.repeat(43)}`,
    ]) {
      expect(refusal(tokens, bad)).toContain('not signed');
    }
  });

  it.each(['', '.', 'a', 'a.b.c', 'x'.repeat(5000), '....'])(
    'that is %j is refused without a crash',
    (token) => {
      expect(refusal(tokensAt({ ms: 0 }), token)).toContain('unauthenticated');
    },
  );

  it.each([
    null,
    7,
    {},
    [],
    { c: 'stranger', t: 'a', r: 'user', k: '', q: '', e: 9e15 },
    { c: 'gateway', t: 'a', r: 'root', k: '', q: '', e: 9e15 },
    { c: 'gateway', t: 5, r: 'user', k: '', q: '', e: 9e15 },
    { c: 'gateway', t: 'a', r: 'user', k: '', q: '', e: '9' },
  ])('that is well signed but says %j is refused', (claims) => {
    expect(refusal(tokensAt({ ms: 0 }), forge(claims))).toContain('malformed');
  });

  it('needs at least one secret', () => {
    expect(() => new FleetTokens([], 'gateway')).toThrow(ParleyError);
  });
});
