/** What a key may do: `user` talks, `tenant-admin` administers its tenant, `admin` the whole fleet. */
export type Role = 'user' | 'tenant-admin' | 'admin';

/** On whose behalf a call is made; travels with every internal call, signed by the fleet token. */
export interface TenantContext {
  readonly tenant: string;
  readonly role: Role;
  /** The key's own id, for logs and as the end user where the application names none. Never the key. */
  readonly keyId: string;
  readonly requestId: string;
}
