import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modelAdmin } from '@parley/contracts';
import { eventually, temporaryFolder } from '@parley/testing';
import { expect, it } from 'vitest';
import { RunningModelService } from './support/running-service.ts';

function documentOf(name: string, aliases: readonly string[]): string {
  return JSON.stringify({
    apiVersion: 'parley/v1',
    kind: 'Model',
    metadata: { name, version: '1.0.0', title: { en: 'Answers made up.' } },
    spec: { engine: 'simulated', aliases, load: { when: 'start' }, context: { tokens: 512, slots: 2 } },
  });
}

function keyOf(operation: string, fingerprint = 'the body') {
  return { route: `POST /admin/v1/models/${operation}`, key: 'move-1', fingerprint };
}

it('an alias is moved once for an Idempotency-Key, also by another process after a restart', async () => {
  await using folder = await temporaryFolder();
  const models = join(folder.path, 'config/models');
  await mkdir(models, { recursive: true });
  await writeFile(join(models, 'one.yaml'), documentOf('one', ['default']));
  await writeFile(join(models, 'two.yaml'), documentOf('two', []));
  const succeeded = modelAdmin.JobState.JOB_STATE_SUCCEEDED;
  const pointer = async (service: RunningModelService) => {
    const { aliases } = await service.list();
    return aliases.map(({ model, generation }) => `${model?.name} ${generation}`);
  };
  const first: string[] = [];
  {
    await using service = await RunningModelService.start(folder.path, join(folder.path, 'config'));
    await eventually(() => service.resolve());
    const switched = await service.ended(service.switch('two', 'default', keyOf('switch')));
    const back = await service.ended(service.rollback('default', keyOf('rollback')));
    expect([switched.state, back.state]).toEqual([succeeded, succeeded]);
    first.push(switched.id, back.id);
    expect(await pointer(service)).toEqual(['one 3']);
    const again = await Promise.all([
      service.switch('two', 'default', keyOf('switch')),
      service.rollback('default', keyOf('rollback')),
    ]);
    expect(again.map(({ id, state }) => [id, state])).toEqual(first.map((id) => [id, succeeded]));
    const otherBody = service.rollback('default', keyOf('rollback', 'another body'));
    await expect(otherBody).rejects.toMatchObject({ code: 'idempotency_mismatch' });
  }
  await using service = await RunningModelService.start(folder.path, join(folder.path, 'config'));
  await eventually(() => service.resolve());
  expect((await service.rollback('default', keyOf('rollback'))).id).toBe(first[1]);
  expect(await pointer(service)).toEqual(['one 3']);
  // Without a key it is another rollback, and leads there again.
  expect((await service.ended(service.rollback())).state).toBe(succeeded);
  expect(await pointer(service)).toEqual(['two 4']);
});
