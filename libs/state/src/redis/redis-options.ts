import type { ConnectionOptions } from 'node:tls';

/** Where a server listens. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** One server, a primary that Sentinels name, or a cluster. */
export type RedisLocation =
  | { readonly url: string }
  | { readonly sentinels: readonly RedisAddress[]; readonly primary: string }
  | { readonly cluster: readonly RedisAddress[] };

/** How to reach and use Redis. */
export type RedisStateOptions = RedisLocation & {
  /** Given, the connection is encrypted; `{}` trusts the machine's authorities. `rediss://` says the same. */
  readonly tls?: ConnectionOptions;
  /** The ACL user; default Redis's own `default`. It needs `~<keyPrefix>:*`, `FUNCTION LOAD` and `CONFIG GET`. */
  readonly username?: string;
  readonly password?: string;
  /** The Sentinels' own user and password; default none. */
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
  /** What all keys begin with, so that several fleets can share a server; default `parley`. */
  readonly keyPrefix?: string;
  /** How long to try for the first connection; default 10000, above what a restart of Redis or a new pod's network takes. */
  readonly connectWithinMs?: number;
  /** How long one step may take, its repetitions over new connections included; default 5000. */
  readonly commandTimeoutMs?: number;
  /** Events the outbox holds before `accept` refuses turns; default 100000. Measured, so passed by a little. */
  readonly maxOutboxEvents?: number;
  /** The same by size; default 256 MiB. */
  readonly maxOutboxBytes?: number;
};
