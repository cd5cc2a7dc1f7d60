import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeConfig } from '@parley/config';
import { configSpec, readConfig } from './config.ts';

it('the record is kept for ever unless told otherwise', () => {
  expect(readConfig({}).record.retentionDays).toBe(0);
  expect(readConfig({ PARLEY_RECORD_RETENTION_DAYS: '30' }).record.retentionDays).toBe(30);
  expect(() => readConfig({ PARLEY_RECORD_RETENTION_DAYS: '-1' })).toThrow('PARLEY_RECORD_RETENTION_DAYS');
});

it('the README names every variable of this service and its default', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  for (const { variable, default: value } of describeConfig(configSpec.record)) {
    expect(readme).toContain(`| \`${variable}\` | ${value} |`);
  }
});
