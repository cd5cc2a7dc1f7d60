import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, loadConfig, redisSection, redisTargetOf } from '@parley/config';
import type { RedisTarget } from '@parley/config';
import { describe, expect, it, onTestFinished } from 'vitest';

function target(env: NodeJS.ProcessEnv): RedisTarget | undefined {
  return redisTargetOf(loadConfig(redisSection, env));
}

function faultOf(env: NodeJS.ProcessEnv): string {
  try {
    target(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
  }
  return '';
}

describe('the Redis of a fleet', () => {
  it('is none where no address is set', () => {
    expect(target({})).toBeUndefined();
    expect(target({ PARLEY_REDIS_PASSWORD: 'x' })).toBeUndefined();
  });

  it('is one server by its URL, with the user that is named apart', () => {
    const url = 'redis://redis:6379';
    expect(target({ PARLEY_REDIS_URL: url })).toEqual({ url, keyPrefix: 'parley' });
    const named = { PARLEY_REDIS_USERNAME: 'parley', PARLEY_REDIS_PASSWORD: 'secret' };
    expect(target({ PARLEY_REDIS_URL: url, PARLEY_REDIS_KEY_PREFIX: 'blue', ...named })).toEqual({
      url,
      keyPrefix: 'blue',
      username: 'parley',
      password: 'secret',
    });
  });

  it('is a primary that Sentinels know, or a cluster', () => {
    expect(target({ PARLEY_REDIS_SENTINELS: 'a:26379,[::1]:26380', PARLEY_REDIS_PRIMARY: 'main' })).toEqual({
      sentinels: [
        { host: 'a', port: 26_379 },
        { host: '::1', port: 26_380 },
      ],
      primary: 'main',
      keyPrefix: 'parley',
    });
    expect(target({ PARLEY_REDIS_CLUSTER: 'node-0:6379' })).toMatchObject({
      cluster: [{ host: 'node-0', port: 6379 }],
    });
  });

  it('is spoken to with TLS where an authority is given', () => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-redis-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'ca.pem');
    writeFileSync(file, 'an authority');
    const env = { PARLEY_REDIS_URL: 'rediss://redis:6379', PARLEY_REDIS_TLS_CA: file };
    expect(target(env)).toMatchObject({ tls: { ca: 'an authority' } });
    expect(faultOf({ ...env, PARLEY_REDIS_TLS_CA: `${file}.missing` })).toMatch(
      /PARLEY_REDIS_TLS_CA: cannot be read: .*missing/,
    );
  });

  it('cannot be two at once', () => {
    const message = faultOf({ PARLEY_REDIS_URL: 'redis://:secret@a:1', PARLEY_REDIS_CLUSTER: 'b:2' });
    expect(message).toContain('PARLEY_REDIS_URL, PARLEY_REDIS_CLUSTER: are set at once');
    expect(message).not.toContain('secret');
  });

  it('needs the name of the primary with its Sentinels, and addresses with a port', () => {
    expect(faultOf({ PARLEY_REDIS_SENTINELS: 'a:26379' })).toContain('belong together');
    expect(faultOf({ PARLEY_REDIS_PRIMARY: 'main' })).toContain('belong together');
    expect(faultOf({ PARLEY_REDIS_CLUSTER: 'node-0,node-1:99999' })).toMatch(/"node-0".*\n.*"node-1:99999"/);
  });
});
