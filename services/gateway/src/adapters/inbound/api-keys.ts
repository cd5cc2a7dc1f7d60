import { hash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '@parley/config';
import { ParleyError } from '@parley/kernel';
import type { Role } from '@parley/kernel';

/** Who holds a key. */
export interface KeyHolder {
  readonly tenant: string;
  readonly role: Role;
  readonly keyId: string;
}

interface KnownKey {
  readonly digest: Buffer;
  readonly holder: KeyHolder;
}

/**
 * The keys clients may present over any protocol. They are compared as digests, in a time that does not tell where
 * they differ.
 */
export class ApiKeys {
  readonly #keys: readonly KnownKey[];

  constructor(keys: readonly { secret: Secret; holder: KeyHolder }[]) {
    this.#keys = keys.map(({ secret, holder }) => ({ digest: digestOf(secret.reveal()), holder }));
  }

  /**
   * @param key what the client presents; undefined: nothing that looks like a key
   * @throws ParleyError `unauthenticated` when it is no key of ours
   */
  authenticate(key: string | undefined): KeyHolder {
    if (key === undefined) {
      throw new ParleyError(
        'unauthenticated',
        'No API key was sent. Send the header `Authorization: Bearer <key>`.',
      );
    }
    const digest = digestOf(key);
    let holder: KeyHolder | undefined;
    for (const known of this.#keys) if (timingSafeEqual(known.digest, digest)) holder = known.holder;
    if (holder === undefined)
      throw new ParleyError('unauthenticated', 'The API key is not valid. Check the key you send.');
    return holder;
  }
}

/** The key of an `Authorization` header. */
export function bearerKey(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
}

function digestOf(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}
