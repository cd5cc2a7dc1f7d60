import { join } from 'node:path';
import { eventually, startScript, temporaryFolder } from '@parley/testing';
import { expect, test } from 'vitest';
import { lockDataFolder } from '../src/lock-data-folder.ts';

const holder = new URL('./support/hold-lock.ts', import.meta.url);

test('a data folder that another process holds is refused, and free once that process is killed', async () => {
  await using folder = await temporaryFolder();
  const dir = join(folder.path, 'data');
  await using other = startScript(holder, [dir]);
  await eventually(() => expect(other.messages).toEqual(['locked']));
  const refused = {
    code: 'conflict',
    message: expect.stringContaining(`Another fleet uses the data folder ${dir}`),
  };
  expect(() => lockDataFolder(dir)).toThrow(expect.objectContaining(refused));
  await other.kill();
  lockDataFolder(dir).release();
});

test('a second process is refused while this one holds the folder', async () => {
  await using folder = await temporaryFolder();
  const lock = lockDataFolder(folder.path);
  await using other = startScript(holder, [folder.path]);
  await expect(other.done()).rejects.toThrow('Another fleet uses the data folder');
  lock.release();
  await using third = startScript(holder, [folder.path]);
  await eventually(() => expect(third.messages).toEqual(['locked']));
});

test('two folders are independent, and releasing twice is harmless', async () => {
  await using folder = await temporaryFolder();
  const locks = [lockDataFolder(join(folder.path, 'a')), lockDataFolder(join(folder.path, 'b'))];
  for (const lock of [...locks, ...locks]) lock.release();
  lockDataFolder(join(folder.path, 'a')).release();
});
