import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '@parley/config';
import { ParleyError, systemClock } from '@parley/kernel';
import type { Clock, Role, TenantContext } from '@parley/kernel';
import { isServiceName } from '@parley/telemetry';
import type { ServiceName } from '@parley/telemetry';

/** Long enough for a call to arrive and for clocks to differ a little, short enough to be useless when it leaks. */
const lifetimeMs = 60_000;

/** Of no token of ours; what is longer is refused unread. */
const longestToken = 4096;

/** What a token says, under short names: it travels with every call. */
interface Claims {
  /** caller, tenant, role, key id, request id, expiry in milliseconds since 1970 */
  readonly c: ServiceName;
  readonly t: string;
  readonly r: Role;
  readonly k: string;
  readonly q: string;
  readonly e: number;
}

/** Who calls and on whose behalf, as a token proves it. */
export interface VerifiedCaller {
  readonly caller: ServiceName;
  readonly tenant: TenantContext;
}

/**
 * Proof, from one service of the fleet to another, of who calls and on whose behalf:
 * `base64url(JSON claims).base64url(HMAC-SHA256)`, valid for 60 s.
 */
export class FleetTokens {
  readonly #keys: readonly string[];
  readonly #signingKey: string;
  readonly #self: ServiceName;
  readonly #clock: Clock;

  /** @param secrets the first signs, all verify, so that a rotation needs no pause; at least one */
  constructor(secrets: readonly Secret[], self: ServiceName, clock: Clock = systemClock) {
    this.#keys = secrets.map((secret) => secret.reveal());
    const [first] = this.#keys;
    if (first === undefined) throw new ParleyError('config_invalid', 'The fleet needs at least one secret.');
    this.#signingKey = first;
    this.#self = self;
    this.#clock = clock;
  }

  /** A token for one call. */
  sign(tenant: TenantContext): string {
    const claims: Claims = {
      c: this.#self,
      t: tenant.tenant,
      r: tenant.role,
      k: tenant.keyId,
      q: tenant.requestId,
      e: this.#clock.now() + lifetimeMs,
    };
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return `${payload}.${mac(this.#signingKey, payload).toString('base64url')}`;
  }

  /** @throws ParleyError `unauthenticated` when the token is malformed, forged or too old. */
  verify(token: string): VerifiedCaller {
    const [payload, signature, ...rest] = token.length <= longestToken ? token.split('.') : [];
    if (payload === undefined || signature === undefined || rest.length > 0) throw refused('is malformed');
    const given = Buffer.from(signature, 'base64url');
    const genuine = this.#keys.map((key) => equal(mac(key, payload), given)).includes(true);
    if (!genuine) throw refused('is not signed with a secret of this fleet');
    const claims = parseClaims(payload);
    if (claims === undefined) throw refused('is malformed');
    if (claims.e <= this.#clock.now()) throw refused('has expired');
    return {
      caller: claims.c,
      tenant: { tenant: claims.t, role: claims.r, keyId: claims.k, requestId: claims.q },
    };
  }
}

function mac(key: string, payload: string): Buffer {
  return createHmac('sha256', key).update(payload).digest();
}

/** Takes the same time wherever the difference is. */
function equal(expected: Buffer, given: Buffer): boolean {
  return expected.length === given.length && timingSafeEqual(expected, given);
}

function refused(why: string): ParleyError {
  return new ParleyError('unauthenticated', `The fleet token ${why}.`);
}

function parseClaims(payload: string): Claims | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return isClaims(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

const roles: readonly unknown[] = ['user', 'tenant-admin', 'admin'] satisfies readonly Role[];

function isClaims(value: unknown): value is Claims {
  if (typeof value !== 'object' || value === null) return false;
  const { c, t, r, k, q, e } = value as Record<keyof Claims, unknown>;
  const texts = [t, k, q].every((text) => typeof text === 'string');
  return isServiceName(c) && texts && roles.includes(r) && typeof e === 'number';
}
