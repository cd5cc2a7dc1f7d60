import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeConfig } from '@parley/config';
import { configSpec, readConfig, retentionOf } from './config.ts';

const tenants = (PARLEY_RECORD_RETENTION_TENANTS: string) =>
  retentionOf(readConfig({ PARLEY_RECORD_RETENTION_TENANTS }).record).tenants;

describe('the configuration', () => {
  it('keeps the record for ever unless told otherwise', () => {
    expect(readConfig({}).record.retentionDays).toBe(0);
    expect(readConfig({ PARLEY_RECORD_RETENTION_DAYS: '30' }).record.retentionDays).toBe(30);
    expect(() => readConfig({ PARLEY_RECORD_RETENTION_DAYS: '-1' })).toThrow('PARLEY_RECORD_RETENTION_DAYS');
  });

  it('can give tenants days of their own', () => {
    expect(tenants('')).toEqual(new Map());
    expect(tenants(' acme=30, other=0,a=b=7')).toEqual(
      new Map([
        ['acme', 30],
        ['other', 0],
        ['a=b', 7],
      ]),
    );
  });

  it.each(['acme', 'acme=', '=3', 'acme=-1', 'acme=1.5', 'acme=36501', 'acme=1,acme=2'])(
    'refuses %j by name',
    (text) => {
      expect(() => tenants(text)).toThrow('PARLEY_RECORD_RETENTION_TENANTS');
    },
  );

  it('is in the README, every variable of this service with its default', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    for (const section of [configSpec.record, configSpec.postgres]) {
      for (const { variable, default: value } of describeConfig(section)) {
        expect(readme).toContain(`| \`${variable}\` | ${value === '' ? '' : `${value} `}|`);
      }
    }
  });
});
