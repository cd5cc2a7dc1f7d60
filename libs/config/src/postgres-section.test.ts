import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, loadConfig, postgresSection, postgresTargetOf } from '@parley/config';
import type { PostgresTarget } from '@parley/config';
import { describe, expect, it, onTestFinished } from 'vitest';

const url = 'postgres://parley:secret@db:5433/record';

function target(env: NodeJS.ProcessEnv): PostgresTarget | undefined {
  return postgresTargetOf(loadConfig(postgresSection, env));
}

function faultOf(env: NodeJS.ProcessEnv): string {
  try {
    target(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
  }
  return '';
}

function authority(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-postgres-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'ca.pem'), 'an authority');
  return join(folder, 'ca.pem');
}

describe('the PostgreSQL of a fleet', () => {
  it('is none where no URL is set', () => {
    expect(target({})).toBeUndefined();
    expect(target({ PARLEY_POSTGRES_PASSWORD: 'x' })).toBeUndefined();
  });

  it('is what the URL says, with the user that is named apart', () => {
    expect(target({ PARLEY_POSTGRES_URL: url })).toEqual({
      host: 'db',
      port: 5433,
      database: 'record',
      user: 'parley',
      password: 'secret',
    });
    const named = { PARLEY_POSTGRES_USERNAME: 'other', PARLEY_POSTGRES_PASSWORD: 'p@ss' };
    expect(target({ PARLEY_POSTGRES_URL: 'postgresql://[::1]/a%20b', ...named })).toEqual({
      host: '::1',
      port: 5432,
      database: 'a b',
      user: 'other',
      password: 'p@ss',
    });
  });

  it('is spoken to with TLS, the certificate checked, where that is asked for', () => {
    expect(target({ PARLEY_POSTGRES_URL: `${url}?sslmode=verify-full` })).toMatchObject({ tls: {} });
    expect(target({ PARLEY_POSTGRES_URL: url, PARLEY_POSTGRES_TLS_CA: authority() })).toMatchObject({
      tls: { ca: 'an authority' },
    });
    expect(target({ PARLEY_POSTGRES_URL: `${url}?sslmode=disable` })).not.toHaveProperty('tls');
  });

  it.each([
    ['mysql://u@db/record', 'is not a URL'],
    ['db:5432', 'is not a URL'],
    ['postgres://u@db', 'is not a URL'],
    ['postgres://db/record', 'names no user'],
    ['postgres://u:%zz@db/record', '%25'],
    [`${url}?sslmode=require`, 'disable or verify-full'],
    [`${url}?application_name=x`, 'application_name'],
  ])('%j is refused, and never shown', (wrong, why) => {
    const fault = faultOf({ PARLEY_POSTGRES_URL: wrong });
    expect(fault).toContain('PARLEY_POSTGRES_URL');
    expect(fault).toContain(why);
    expect(fault).not.toContain('secret');
  });

  it('does not take an authority that cannot be read, or one without encryption', () => {
    const missing = { PARLEY_POSTGRES_URL: url, PARLEY_POSTGRES_TLS_CA: '/nowhere/ca.pem' };
    expect(faultOf(missing)).toContain('PARLEY_POSTGRES_TLS_CA: cannot be read');
    const plain = { PARLEY_POSTGRES_URL: `${url}?sslmode=disable`, PARLEY_POSTGRES_TLS_CA: authority() };
    expect(faultOf(plain)).toContain('contradict each other');
  });
});
