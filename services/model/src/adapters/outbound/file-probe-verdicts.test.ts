import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@parley/testing';
import { expect, it } from 'vitest';
import { fakeInspection } from '../../ports/fake-engine.ts';
import { FileProbeVerdicts } from './file-probe-verdicts.ts';

it('verdicts are kept by digest and engine version, also for the next process', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'data/probes.json');
  const verdicts = new FileProbeVerdicts(file);
  const aborts = { ok: false, how: 'was ended by SIGABRT' } as const;
  const good = { ok: true, inspection: fakeInspection } as const;
  await Promise.all([verdicts.put('a', '1', good), verdicts.put('b', '1', aborts)]);
  const later = new FileProbeVerdicts(file);
  expect(await later.get('a', '1')).toEqual(good);
  expect(await later.get('b', '1')).toEqual(aborts);
  expect(await later.get('a', '2')).toBeUndefined();
});

it('a file that is broken or cannot be written costs another try only', async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, 'broken'), '{"a 1":{"ok":true}}');
  for (const file of [join(folder.path, 'broken'), join(folder.path, 'broken/below-a-file')]) {
    const verdicts = new FileProbeVerdicts(file);
    expect(await verdicts.get('a', '1')).toBeUndefined();
    await verdicts.put('a', '1', { ok: false, how: 'died' });
  }
});
