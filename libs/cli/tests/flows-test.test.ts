import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandLine } from './fakes/command-line.ts';
import type { CommandLine } from './fakes/command-line.ts';

let cli: CommandLine;
beforeEach(() => {
  cli = commandLine();
});
afterEach(() => cli[Symbol.dispose]());

const good = {
  file: 'flows/pizza.yaml',
  line: 7,
  flow: 'pizza-order',
  test: 'one size for all',
  ok: true,
  detail: '',
};
const bad = { ...good, test: 'correction', ok: false, detail: 'turn 2: slots.quantity\nexpected 3, got 2' };

function tester(lines: readonly object[], exitCode: number, more = ''): void {
  const prints = lines.map((line) => `console.log(${JSON.stringify(JSON.stringify(line))});`);
  writeFileSync(
    join(cli.dir, 'check-flows.mjs'),
    [...prints, more, `process.exitCode = ${exitCode};`].join('\n'),
  );
}

describe('parley flows test', () => {
  it('lists the tests under their documents and ends with 0 when all pass', async () => {
    tester(
      [good, { ...good, test: 'cancel' }, { ...good, flow: 'guided-order', file: 'flows/guided.yaml' }],
      0,
    );
    const run = cli.parley(['flows', 'test']);
    expect(await run.ended).toBe(0);
    expect(run.stdout()).toBe(
      [
        'pizza-order  flows/pizza.yaml',
        '  ✓ one size for all',
        '  ✓ cancel',
        'guided-order  flows/guided.yaml',
        '  ✓ one size for all',
        '3 tests, all passed',
        '',
      ].join('\n'),
    );
  });

  it('shows what went wrong below a test that failed, and ends with 1', async () => {
    tester([good, bad], 1);
    const run = cli.parley(['flows', 'test']);
    expect(await run.ended).toBe(1);
    expect(run.stdout()).toContain(
      '  ✗ correction  flows/pizza.yaml:7\n      turn 2: slots.quantity\n      expected 3, got 2\n2 tests, 1 failed\n',
    );
  });

  it('ends with 1 for a failed test whatever the exit code of the program', async () => {
    tester([bad], 0);
    expect(await cli.parley(['flows', 'test']).ended).toBe(1);
  });

  it('gives the config folder and the files that were named', async () => {
    tester([], 0, 'console.error(process.argv.slice(2).join(" ")); process.exitCode = 1; process.exit();');
    const run = cli.parley(['flows', 'test', '/flows/a.yaml', 'b.yaml']);
    expect(await run.ended).toBe(1);
    expect(run.stderr()).toBe(`${cli.config} /flows/a.yaml ${join(process.cwd(), 'b.yaml')}\n`);
  });

  it('gives each program the files that it knows', async () => {
    const says = 'console.error(process.argv.slice(3).join(" ")); process.exitCode = 1;';
    for (const name of ['check-flows', 'check-others']) writeFileSync(join(cli.dir, `${name}.mjs`), says);
    const [flow, strategy] = [join(cli.config, 'flows/a.yaml'), join(cli.config, 'strategies/b.yaml')];
    const both = cli.parley(['flows', 'test', flow, strategy]);
    await both.ended;
    expect(both.stderr()).toBe(`${flow}\n${strategy}\n`);
    const one = cli.parley(['flows', 'test', strategy]);
    await one.ended;
    expect(one.stderr()).toBe(`${strategy}\n`);
  });

  it('speaks JSON', async () => {
    tester([good, bad], 1, 'console.error("flows/x.yaml:3: spec: must have steps");');
    const run = cli.parley(['flows', 'test', '--json']);
    expect(await run.ended).toBe(1);
    expect(JSON.parse(run.stdout())).toEqual({
      ok: false,
      tests: [good, bad],
      faults: ['flows/x.yaml:3: spec: must have steps'],
    });
  });

  it('says so when there are none', async () => {
    tester([], 0);
    const run = cli.parley(['flows', 'test']);
    expect(await run.ended).toBe(0);
    expect(run.stdout()).toBe('There are no tests.\n');
  });
});
