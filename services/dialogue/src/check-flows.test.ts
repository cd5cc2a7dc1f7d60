import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '@parley/testing';
import { describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('check-flows.ts', import.meta.url));
const shipped = fileURLToPath(new URL('../../../config', import.meta.url));

interface Line {
  readonly file: string;
  readonly line: number;
  readonly flow: string;
  readonly test: string;
  readonly ok: boolean;
  readonly detail: string;
}

function checkFlows(...args: readonly string[]): { status: number | null; lines: readonly Line[] } {
  const all = ['--conditions=@parley/source', program, ...args];
  const { status, stdout } = spawnSync(process.execPath, all, { encoding: 'utf8' });
  const lines = stdout.split('\n').filter((line) => line !== '');
  return { status, lines: lines.map((line): Line => JSON.parse(line)) };
}

describe('check-flows', () => {
  it('runs the tests of the shipped flows, one line each', () => {
    const { status, lines } = checkFlows(shipped);
    expect(lines.filter(({ ok }) => !ok)).toEqual([]);
    expect(lines).toContainEqual({
      file: 'flows/guided-order.yaml',
      line: expect.any(Number),
      flow: 'guided-order',
      test: 'several slots from one message',
      ok: true,
      detail: '',
    });
    expect(status).toBe(0);
  });

  it('says of each file that it is asked about what is wrong, and where', async () => {
    await using folder = await temporaryFolder();
    const flows = join(folder.path, 'flows');
    await mkdir(flows);
    await cp(join(shipped, 'flows/guided-order.yaml'), join(flows, 'good.yaml'));
    const text = await readFile(join(flows, 'good.yaml'), 'utf8');
    const named = (name: string): string => text.replace('name: guided-order', `name: ${name}`);
    await writeFile(
      join(flows, 'failing.yaml'),
      named('failing').replace('says: Which pizza', 'says: Which soup'),
    );
    await writeFile(join(flows, 'faulty.yaml'), named('faulty').replace('if: value < 1', 'if: valeu < 1'));

    const { status, lines } = checkFlows(
      folder.path,
      join(flows, 'failing.yaml'),
      join(flows, 'faulty.yaml'),
      join(flows, 'absent.yaml'),
    );
    expect(status).toBe(1);
    const lineOf = (piece: string): number => text.slice(0, text.indexOf(piece)).split('\n').length;
    expect(lines.filter(({ ok }) => !ok)).toEqual([
      {
        file: 'flows/absent.yaml',
        line: 1,
        flow: '',
        test: '',
        ok: false,
        detail: 'is no flow document of this folder',
      },
      {
        file: 'flows/failing.yaml',
        line: lineOf('- name: one slot after the other'),
        flow: 'failing',
        test: 'one slot after the other',
        ok: false,
        detail: expect.stringContaining('expected "Which soup"'),
      },
      {
        file: 'flows/faulty.yaml',
        line: lineOf('- { if: value < 1'),
        flow: 'faulty',
        test: '',
        ok: false,
        detail: expect.stringContaining('spec.slots.quantity.reject[0].if: must be a CEL condition'),
      },
    ]);
    expect(lines.some(({ file }) => file === 'flows/good.yaml')).toBe(false);
  });
});
