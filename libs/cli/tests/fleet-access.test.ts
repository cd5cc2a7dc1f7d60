import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandLine } from './fakes/command-line.ts';
import type { CommandLine, Run } from './fakes/command-line.ts';
import { FakeGateway, deadUrl, problem } from './fakes/fake-gateway.ts';

let cli: CommandLine;
let gateway: FakeGateway;
beforeEach(async () => {
  cli = commandLine();
  gateway = await FakeGateway.start();
  gateway.on('GET /admin/v1/jobs', () => ({ object: 'list', data: [] }));
});
afterEach(async () => {
  cli[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

function fleetFile(url: string): void {
  mkdirSync(cli.data, { recursive: true });
  writeFileSync(join(cli.data, 'fleet.json'), JSON.stringify({ url, pid: 1, instances: [] }));
}

async function expectFault(run: Run, exitCode: number, message: string | RegExp): Promise<void> {
  expect(await run.ended).toBe(exitCode);
  expect(run.stderr()).toMatch(message);
  expect(run.stderr().trim().split('\n')).toHaveLength(1);
  expect(run.stdout()).toBe('');
}

const list = ['jobs', 'list'];

describe('a command that talks to a running fleet', () => {
  it('finds the one on the data folder, with its key', async () => {
    fleetFile(gateway.url);
    writeFileSync(join(cli.data, 'api-key'), 'sk-kept\n');
    const run = cli.parley(list);
    expect(await run.ended).toBe(0);
    expect(gateway.requests[0]).toMatchObject({ path: '/admin/v1/jobs?limit=50', key: 'Bearer sk-kept' });
  });

  it('takes the one that options or variables name, options first', async () => {
    fleetFile('http://127.0.0.1:1');
    const run = cli.parley([...list, '--url', `${gateway.url}/v1/`, '--api-key', 'sk-option'], {
      PARLEY_URL: 'http://127.0.0.1:2',
      PARLEY_API_KEY: 'sk-variable',
    });
    expect(await run.ended).toBe(0);
    expect(gateway.requests[0]?.key).toBe('Bearer sk-option');
  });

  it('says what to do when there is none, with exit code 2', async () => {
    await expectFault(
      cli.parley(list),
      2,
      `parley: No fleet runs on the data folder ${cli.data}. Start one with: parley up, or name a running one with PARLEY_URL and PARLEY_API_KEY`,
    );
  });

  it('says so when the fleet on the data folder was killed, with exit code 2', async () => {
    const url = await deadUrl();
    fleetFile(url);
    await expectFault(
      cli.parley(list, { PARLEY_API_KEY: 'sk-test' }),
      2,
      `Nothing answers at ${url} (ECONNREFUSED). The fleet of ${cli.data} is still starting, or was killed: then start it with parley up`,
    );
  });

  it('says so when the fleet has no gateway', async () => {
    fleetFile('');
    await expectFault(cli.parley(list), 2, 'has no gateway');
  });

  it('asks for the key when none is known', async () => {
    fleetFile(gateway.url);
    await expectFault(cli.parley(list), 1, 'no key is known. Set PARLEY_API_KEY');
    await expectFault(cli.parley(list, { PARLEY_URL: gateway.url }), 1, 'no key is known');
  });

  it('refuses what is no URL', async () => {
    await expectFault(cli.parley([...list, '--url', 'localhost:8080']), 1, 'It must be a URL such as');
  });

  it.each([
    [
      401,
      'unauthenticated',
      'The key is not known.',
      'The key is not known. Set PARLEY_API_KEY or --api-key to a key of this fleet.',
    ],
    [
      403,
      'permission_denied',
      'This needs a key of the role admin.',
      'Set PARLEY_API_KEY or --api-key to an admin key.',
    ],
    [503, 'overloaded', 'Too much to do.', 'Too much to do. Try again in 2 s.'],
    [
      500,
      'internal',
      'An internal error occurred.',
      /An internal error occurred\. \(request req-7 in the gateway's log\)/,
    ],
  ])('shows an error %i with what to do about it', async (status, code, message, shown) => {
    gateway.on('GET /admin/v1/jobs', (_, response) => {
      response.setHeader('x-request-id', 'req-7');
      if (status === 503) response.setHeader('retry-after-ms', '1500');
      return problem(response, status, code, message);
    });
    await expectFault(cli.parley(list, gateway.env), 1, shown);
  });

  it('tells another server from a gateway', async () => {
    gateway.on('GET /admin/v1/jobs', (_, response) => {
      response.statusCode = 502;
      response.end('<html>bad gateway</html>');
      return undefined;
    });
    await expectFault(cli.parley(list, gateway.env), 1, 'may not be a Parley gateway');
  });
});
