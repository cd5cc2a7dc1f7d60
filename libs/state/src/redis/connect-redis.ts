import { Cluster, Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';
import { ParleyError } from '@parley/kernel';
import type { RedisStateOptions } from './redis-options.ts';

/** A connection to one server or to a cluster. */
export type RedisConnection = Redis | Cluster;

const connectTimeoutMs = 5_000;
const longestRetryDelayMs = 1_000;
/** New connections a command waits for before it fails: about 1.5 s while nothing listens. */
const connectionsPerCommand = 5;

/** 50, 100, 200 … 1000 ms: soon enough for a restart, slow enough for a server that is in trouble. */
function retryDelayMs(attempt: number): number {
  return Math.min(longestRetryDelayMs, 25 * 2 ** Math.min(attempt, 10));
}

/**
 * Makes a client that is not connected yet. Once connected it connects again for as long as it is open, and sends again
 * what was on its way when a connection broke: every function of the library bears that.
 * @throws ParleyError `config_invalid` when an address cannot be one.
 */
export function redisConnection(options: RedisStateOptions): RedisConnection {
  const common = commonOptions(options);
  if ('cluster' in options) {
    return new Cluster(
      options.cluster.map(({ host, port }) => ({ host, port })),
      {
        lazyConnect: true,
        redisOptions: common,
        clusterRetryStrategy: retryDelayMs,
        // Names in certificates are those of the nodes, so they are not to be looked up first.
        ...(options.tls === undefined ? {} : { dnsLookup: (address, done) => done(null, address) }),
      },
    );
  }
  const base = { ...common, lazyConnect: true, retryStrategy: retryDelayMs };
  if ('url' in options) return new Redis(checkedUrl(options.url), base);
  return new Redis({
    ...base,
    sentinels: options.sentinels.map(({ host, port }) => ({ host, port })),
    name: options.primary,
    sentinelRetryStrategy: retryDelayMs,
    ...(options.tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: options.tls }),
    ...(options.sentinelUsername === undefined ? {} : { sentinelUsername: options.sentinelUsername }),
    ...(options.sentinelPassword === undefined ? {} : { sentinelPassword: options.sentinelPassword }),
  });
}

function commonOptions({ tls, username, password }: RedisStateOptions): Omit<RedisOptions, 'replyMapping'> {
  return {
    connectionName: 'parley-state',
    connectTimeout: connectTimeoutMs,
    maxRetriesPerRequest: connectionsPerCommand,
    // A primary that has become a replica must be left, and the command go to the new one.
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
  };
}

function checkedUrl(url: string): string {
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (protocol === 'redis:' || protocol === 'rediss:') return url;
  throw new ParleyError(
    'config_invalid',
    'The address of Redis must be like redis://host:6379 or rediss://host:6379.',
  );
}
