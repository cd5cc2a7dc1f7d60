import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../src/eventually.ts';
import { runProgram } from '../src/servers/run-program.ts';
import { startScript } from '../src/start-script.ts';
import { temporaryFolder } from '../src/temporary-folder.ts';

const starter = new URL('./support/program-starter.ts', import.meta.url);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('a program ends, and its folder goes, when the process that started it is killed', async () => {
  await using folder = await temporaryFolder();
  writeFileSync(join(folder.path, 'data'), 'data');
  await using script = startScript(starter, [folder.path]);
  const pid = await eventually(() => {
    expect(script.messages).toHaveLength(1);
    return Number(script.messages[0]);
  });
  expect(isAlive(pid)).toBe(true);
  await script.kill();
  await eventually(() => expect(isAlive(pid)).toBe(false));
  await eventually(() => expect(existsSync(folder.path)).toBe(false));
});

test('a program that is killed has ended then, keeps its folder, and tells what it wrote', async () => {
  await using folder = await temporaryFolder();
  const program = await runProgram('sh', ['-c', 'echo hello; exec sleep 600'], folder.path);
  await eventually(() => expect(program.output()).toBe('hello\n'));
  expect(program.ended()).toBe(false);
  await program.kill();
  expect(program.ended()).toBe(true);
  expect(isAlive(program.pid)).toBe(false);
  await program.kill();
  expect(existsSync(folder.path)).toBe(true);
});

test('a program that ends by itself is seen to have ended', async () => {
  await using folder = await temporaryFolder();
  const program = await runProgram('sh', ['-c', 'echo done; exit 3'], folder.path);
  await eventually(() => expect(program.ended()).toBe(true));
  expect(program.output()).toBe('done\n');
});

test('a program that runs again tells what it wrote since then', async () => {
  await using folder = await temporaryFolder();
  const first = await runProgram('echo', ['first'], folder.path);
  await eventually(() => expect(first.wrote('first')).toBe(true));
  const second = await runProgram('sh', ['-c', 'echo "$WORD"'], folder.path, { env: { WORD: 'second' } });
  await eventually(() => expect(second.output()).toBe('second\n'));
  expect(second.wrote('first')).toBe(false);
});

test('a program is asked to end by the signal that it likes best', async () => {
  await using folder = await temporaryFolder();
  const script = 'trap "echo bye; exit" TERM; echo ready; while :; do sleep 0.01; done';
  const program = await runProgram('sh', ['-c', script], folder.path);
  await eventually(() => expect(program.wrote('ready')).toBe(true));
  await program.stop('SIGTERM');
  expect(program.ended()).toBe(true);
  expect(program.output()).toBe('ready\nbye\n');
});
