import { readFileSync } from 'node:fs';
import { ConfigError } from './config-error.ts';
import type { ConfigFault } from './config-error.ts';
import { envList, envPath, envSecret, envString } from './env-var.ts';
import type { ConfigOf } from './load-config.ts';

/** Where the fleet's Redis is; everything empty = the embedded store in the data folder. */
export const redisSection = {
  url: envSecret('PARLEY_REDIS_URL', {
    default: '',
    doc: 'One Redis server, as redis://host:6379 or rediss://host:6379.',
  }),
  sentinels: envList('PARLEY_REDIS_SENTINELS', {
    default: [],
    doc: 'The Sentinels that know the primary, as host:port.',
  }),
  primary: envString('PARLEY_REDIS_PRIMARY', {
    default: '',
    doc: 'The name by which the Sentinels know the primary.',
  }),
  cluster: envList('PARLEY_REDIS_CLUSTER', {
    default: [],
    doc: 'Some nodes of a Redis Cluster, as host:port.',
  }),
  username: envString('PARLEY_REDIS_USERNAME', {
    default: '',
    doc: "The ACL user; empty = the one of the URL, else Redis's default user.",
  }),
  password: envSecret('PARLEY_REDIS_PASSWORD', { default: '', doc: 'The password of that user.' }),
  tlsCaFile: envPath('PARLEY_REDIS_TLS_CA', {
    default: '',
    doc: 'The file of the authority that signed the certificates of Redis; given, the connection is encrypted.',
  }),
  keyPrefix: envString('PARLEY_REDIS_KEY_PREFIX', {
    default: 'parley',
    doc: 'What all keys begin with: fleets that share a Redis need different ones.',
  }),
} as const;

/** The values of `redisSection`. */
export type RedisSection = ConfigOf<typeof redisSection>;

interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

type RedisPlace =
  | { readonly url: string }
  | { readonly sentinels: readonly HostAndPort[]; readonly primary: string }
  | { readonly cluster: readonly HostAndPort[] };

/** How to reach the Redis that a section names; what `openState` of `@parley/state` takes. */
export type RedisTarget = RedisPlace & {
  readonly keyPrefix: string;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: { readonly ca: string };
};

/**
 * What a section says, checked as a whole; undefined where it names no Redis. Reads the file of the authority.
 * @throws ConfigError that lists every fault.
 */
export function redisTargetOf(section: RedisSection): RedisTarget | undefined {
  const faults: ConfigFault[] = [];
  const place = placeOf(section, faults);
  const ca = section.tlsCaFile === '' ? undefined : textOf(section.tlsCaFile, faults);
  if (faults.length > 0) throw new ConfigError(faults);
  if (place === undefined) return undefined;
  const password = section.password.reveal();
  return {
    ...place,
    keyPrefix: section.keyPrefix,
    ...(section.username === '' ? {} : { username: section.username }),
    ...(password === '' ? {} : { password }),
    ...(ca === undefined ? {} : { tls: { ca } }),
  };
}

function placeOf(section: RedisSection, faults: ConfigFault[]): RedisPlace | undefined {
  const url = section.url.reveal();
  const named = [
    ...(url === '' ? [] : ['PARLEY_REDIS_URL']),
    ...(section.sentinels.length === 0 ? [] : ['PARLEY_REDIS_SENTINELS']),
    ...(section.cluster.length === 0 ? [] : ['PARLEY_REDIS_CLUSTER']),
  ];
  if (named.length > 1) {
    faults.push({
      variable: named.join(', '),
      message: 'are set at once; the fleet has one Redis: set one.',
    });
    return undefined;
  }
  if ((section.primary !== '') !== section.sentinels.length > 0) {
    const message = 'belong together: both must be set, or none.';
    faults.push({ variable: 'PARLEY_REDIS_SENTINELS, PARLEY_REDIS_PRIMARY', message });
    return undefined;
  }
  if (url !== '') return { url };
  if (section.cluster.length > 0)
    return { cluster: addresses('PARLEY_REDIS_CLUSTER', section.cluster, faults) };
  if (section.sentinels.length === 0) return undefined;
  const sentinels = addresses('PARLEY_REDIS_SENTINELS', section.sentinels, faults);
  return { sentinels, primary: section.primary };
}

function addresses(variable: string, texts: readonly string[], faults: ConfigFault[]): HostAndPort[] {
  return texts.flatMap((text) => {
    const [, host = '', port = ''] = /^\[?([^[\]/@\s]+?)\]?:(\d{1,5})$/.exec(text) ?? [];
    if (host !== '' && Number(port) > 0 && Number(port) < 65_536) return [{ host, port: Number(port) }];
    faults.push({ variable, message: `"${text}" is not an address such as redis-0:6379.` });
    return [];
  });
}

function textOf(file: string, faults: ConfigFault[]): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    faults.push({ variable: 'PARLEY_REDIS_TLS_CA', message: `cannot be read: ${why}` });
    return undefined;
  }
}
