import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '@parley/testing';
import { commandLine } from './fakes/command-line.ts';
import type { CommandLine, Run } from './fakes/command-line.ts';

let cli: CommandLine;
beforeEach(() => {
  cli = commandLine();
});
afterEach(() => cli[Symbol.dispose]());

async function ready(
  run: Run,
): Promise<{ url: string; apiKey: string; instances: { service: string; pid: number }[] }> {
  await eventually(() => expect(run.stdout()).toContain('\n'), { timeoutMs: 20_000 });
  return JSON.parse(run.stdout()) as Awaited<ReturnType<typeof ready>>;
}

/** Ends with 1 and says why on one line, without a stack. */
async function expectRefusal(run: Run, message: string | RegExp): Promise<void> {
  expect(await run.ended).toBe(1);
  const faults = run
    .stderr()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('Parley is starting'));
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(message);
  expect(run.stdout()).toBe('');
}

describe('parley up', () => {
  it('says where the fleet is, with which key, and how to talk to it', async () => {
    const run = cli.parley(['up', '--api-key', 'sk-test']);
    await eventually(() => expect(run.stdout()).toContain('Ctrl-C stops it.'), { timeoutMs: 20_000 });
    const url = /URL {6}(http:\/\/127\.0\.0\.1:\d+)/.exec(run.stdout())?.[1] ?? '';
    expect(await (await fetch(url)).text()).toBe('gateway');
    expect(run.stdout()).toContain('API key  sk-test\n');
    expect(run.stdout()).toContain(`Data     ${cli.data}\n`);
    expect(run.stdout()).toContain(`curl ${url}/v1/chat/completions`);
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
  });

  it('takes its options from the environment too, the options first', async () => {
    const run = cli.parley(['up', '--json', '--api-key', 'sk-option'], {
      PARLEY_API_KEY: 'sk-variable',
      PARLEY_REPLICAS: 'model=2',
    });
    const { apiKey, instances } = await ready(run);
    expect(apiKey).toBe('sk-option');
    expect(instances.filter(({ service }) => service === 'model')).toHaveLength(2);
    run.child.kill('SIGTERM');
    await run.ended;
  });

  it('drains the services in order on Ctrl-C and ends with 0', async () => {
    const run = cli.parley(['up', '--json']);
    await ready(run);
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(0);
    const order = [...run.stderr().matchAll(/^ {2}(\w+) has stopped/gm)].map(([, service]) => service);
    expect(order).toEqual(['gateway', 'dialogue', 'model', 'logging', 'monitoring']);
  });

  it('counts a Ctrl-C that arrives twice as one, and a later one as impatience', async () => {
    const run = cli.parley(['up', '--json'], { FAKE_BEHAVIOUR: '{"gateway":"ignores SIGTERM"}' });
    const { instances } = await ready(run);
    run.child.kill('SIGINT');
    run.child.kill('SIGINT');
    await eventually(() => expect(run.stderr()).toContain('Stopping'));
    await expect(
      Promise.race([run.ended, new Promise((resolve) => setTimeout(resolve, 600, 'still draining'))]),
    ).resolves.toBe('still draining');
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(130);
    expect(run.stderr()).toContain('gateway was killed');
    for (const { pid } of instances) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('tells when a service dies and is started again', async () => {
    const run = cli.parley(['up', '--json']);
    const { instances } = await ready(run);
    process.kill(instances.find(({ service }) => service === 'model')?.pid ?? Number.NaN, 'SIGKILL');
    await eventually(() =>
      expect(run.stderr()).toMatch(
        /model was ended by SIGKILL\n {2}model will be started again in 0.25 s\n {2}model is ready/,
      ),
    );
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
  });
});

describe('parley up refuses, with one clear line and exit code 1,', () => {
  it('a data folder that another fleet uses', async () => {
    const first = cli.parley(['up', '--json']);
    const { url } = await ready(first);
    await expectRefusal(
      cli.parley(['up']),
      `parley: Another fleet (process ${first.child.pid}, ${url}) uses the data folder ${cli.data}.`,
    );
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
  });

  it('a port in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expectRefusal(
      cli.parley(['up', '--port', String(port)]),
      `parley: Port ${port} is in use by another program. Choose another with --port`,
    );
    other.close();
  });

  it('a data folder that cannot be written', async () => {
    writeFileSync(join(cli.dir, 'file'), '');
    await expectRefusal(
      cli.parley(['up', '--data', join(cli.dir, 'file', 'data')]),
      'a part of the path is a file, not a folder',
    );
  });

  it('an option or a variable that makes no sense', async () => {
    await expectRefusal(
      cli.parley(['up', '--port', 'http']),
      "option '-p, --port <number>' argument 'http' is invalid. It must be a whole number",
    );
    await expectRefusal(
      cli.parley(['up'], { PARLEY_PORT: '70000' }),
      "value '70000' from env 'PARLEY_PORT' is invalid",
    );
    await expectRefusal(
      cli.parley(['up', '--only', 'models']),
      '"models" is no service; there are logging, model',
    );
    await expectRefusal(cli.parley(['up', '--only', 'dialogue']), 'set PARLEY_MODEL_ADDRESS');
  });

  it('a service that does not start, with what it said', async () => {
    const run = cli.parley(['up'], { FAKE_BEHAVIOUR: '{"model":"fails to start"}' });
    expect(await run.ended).toBe(1);
    expect(run.stderr()).toContain(
      'parley: model did not start: it ended with exit code 1.\n  config/models/bad.yaml:3: spec.path: must name a file\n',
    );
    expect(run.stderr()).not.toContain('gateway is ready');
  });
});
