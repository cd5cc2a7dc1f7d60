import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '@parley/testing';
import { commandLine } from './fakes/command-line.ts';
import type { CommandLine } from './fakes/command-line.ts';
import { FakeGateway, aJob } from './fakes/fake-gateway.ts';

let cli: CommandLine;
let gateway: FakeGateway;
beforeEach(async () => {
  cli = commandLine();
  gateway = await FakeGateway.start();
});
afterEach(async () => {
  cli[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

describe('parley jobs', () => {
  it('lists jobs and shows one with its notes', async () => {
    const error = { code: 'unavailable', message: 'No source answered.', retryable: true };
    const failed = aJob({
      id: 'job_2',
      state: 'failed',
      error,
      notes: ['hf: skipped', 'pypi: skipped'],
      ended_at: 1_795_000_060,
    });
    gateway.on('GET /admin/v1/jobs', () => ({
      object: 'list',
      data: [aJob({ stage: 'downloading', progress: 0.5 }), failed],
    }));
    gateway.on('GET /admin/v1/jobs/job_2', () => failed);
    const list = cli.parley(['jobs', 'list', '--limit', '2'], gateway.env);
    expect(await list.ended).toBe(0);
    expect(gateway.requests[0]?.path).toBe('/admin/v1/jobs?limit=2');
    expect(list.stdout()).toMatch(
      /^job_1 +model\.pull +smollm2-135m +running +2026-11-18 \S+ +downloading 50%$/m,
    );
    const one = cli.parley(['jobs', 'get', 'job_2'], gateway.env);
    expect(await one.ended).toBe(0);
    expect(one.stdout()).toMatch(
      /State +failed\n(.*\n)*Detail +No source answered\.\n +hf: skipped\n +pypi: skipped\n/,
    );
  });

  it('follows one, and leaves it alone on Ctrl-C', async () => {
    gateway.on('GET /admin/v1/jobs/job_1', () => aJob({ stage: 'downloading' }));
    const run = cli.parley(['jobs', 'get', 'job_1', '--follow'], gateway.env);
    await eventually(() => expect(run.stderr()).toContain('downloading'), { timeoutMs: 20_000 });
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(130);
    expect(gateway.requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('cancels one', async () => {
    gateway.on('POST /admin/v1/jobs/job_1/cancel', () => aJob({ state: 'cancelled' }));
    const run = cli.parley(['jobs', 'cancel', 'job_1', '--json'], gateway.env);
    expect(await run.ended).toBe(0);
    expect(JSON.parse(run.stdout())).toMatchObject({ id: 'job_1', state: 'cancelled' });
  });
});
