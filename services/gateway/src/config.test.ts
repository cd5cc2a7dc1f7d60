import { readFileSync } from 'node:fs';
import { describeConfig } from '@parley/config';
import { expect, it } from 'vitest';
import { configSpec, readConfig } from './config.ts';

it('without a key the gateway does not start, and says how to make one', () => {
  expect(() => readConfig({})).toThrow(/PARLEY_API_KEY[^]*openssl rand -hex 32/);
  expect(readConfig({ PARLEY_API_KEY: 'k' }).turns.firstTokenTimeoutMs).toBe(30_000);
});

it('the key is never shown', () => {
  expect(JSON.stringify(readConfig({ PARLEY_API_KEY: 'hunter2' }))).not.toContain('hunter2');
});

it('the README names every variable of this service and its default', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const { http, turns, streams, webSockets, publicGrpc } = configSpec;
  for (const { variable, default: value } of describeConfig({
    http,
    turns,
    streams,
    webSockets,
    publicGrpc,
  })) {
    expect(readme).toContain(`| \`${variable}\` | ${value ?? 'required'} |`);
  }
});
