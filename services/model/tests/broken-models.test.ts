import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modelAdmin } from '@parley/contracts';
import { eventually, temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokenGguf } from './support/broken-gguf.ts';
import { heard } from './support/heard.ts';
import { hostPid } from './support/host-pid.ts';
import { RunningModelService } from './support/running-service.ts';

const patience = { timeoutMs: 50_000, everyMs: 50 };
const tinyFile = join(import.meta.dirname, '../../../libs/tiny-model/model/parley-tiny.gguf');

function document(name: string, path: string, more = ''): string {
  return `apiVersion: parley/v1
kind: Model
metadata: { name: ${name}, version: 1.0.0 }
spec:
  path: ${path}
  context: { tokens: 256, slots: 2 }
${more}`;
}

/** A configuration whose default is sound and whose other models are broken, each in its own way. */
async function writeConfig(folder: string): Promise<void> {
  const models = join(folder, 'config/models');
  await mkdir(models, { recursive: true });
  const write = (name: string, text: string) => writeFile(join(models, `${name}.yaml`), text);
  await write('sound', document('sound', tinyFile, '  aliases: [default]\n'));
  const onOrder = '  load: { when: never }\n';
  await write('missing', document('missing', 'missing.gguf', onOrder));
  const wrongDigest = `${onOrder}  sha256: ${'a'.repeat(64)}\n`;
  await write('changed', document('changed', tinyFile, wrongDigest));
  for (const [kind, make] of Object.entries(brokenGguf)) {
    const name = kind.toLowerCase();
    await make(join(models, `${name}.gguf`));
    await write(name, document(name, `${name}.gguf`, onOrder));
  }
}

describe('a switch to a model that cannot be had', () => {
  let folder: TemporaryFolder;
  let service: RunningModelService;
  let host = 0;

  beforeAll(async () => {
    folder = await temporaryFolder();
    await writeConfig(folder.path);
    service = await RunningModelService.start(folder.path, join(folder.path, 'config'));
    await eventually(() => service.resolve(), patience);
    host = await eventually(hostPid, patience);
  }, 120_000);
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  async function answersAsBefore(): Promise<void> {
    const { model } = await service.resolve();
    expect(model?.name).toBe('sound');
    const answer = await heard(service.generate(model?.digest ?? '', 'Hello', { maxOutputTokens: 4 }));
    expect(answer.finished).toBeDefined();
    expect(await eventually(hostPid, patience)).toBe(host);
  }

  it.each([
    ['missing', 'config_invalid', /The weights file missing\.gguf does not exist/],
    [
      'changed',
      'config_invalid',
      /parley-tiny\.gguf of model "changed" has the sha256 .* damaged or another one/,
    ],
    ['iscutoff', 'config_invalid', /iscutoff\.gguf cannot be read as GGUF: it is incomplete/],
    ['isdamaged', 'engine_failed', /isdamaged\.gguf: .*/],
    ['hasnotemplate', 'config_invalid', /"hasnotemplate" has no chat template/],
    ['issomethingelse', 'config_invalid', /issomethingelse\.gguf cannot be read as GGUF: .*magic/],
    [
      'abortstheprocess',
      'engine_failed',
      /abortstheprocess\.gguf of model "abortstheprocess" ends the process.*SIGABRT: .*ASSERT/,
    ],
  ])('that is %s leaves the alias, and says what is wrong and where', async (model, code, message) => {
    const job = await service.ended(service.switch(model));
    expect(job).toMatchObject({
      state: modelAdmin.JobState.JOB_STATE_FAILED,
      error: { code, message: expect.stringMatching(message), retryable: false },
    });
    const { models, aliases } = await service.list();
    expect(aliases).toMatchObject([{ alias: 'default', model: { name: 'sound' }, generation: 1 }]);
    expect(models.find((info) => info.model?.name === model)).toMatchObject({
      state: modelAdmin.ModelState.MODEL_STATE_FAILED,
      reason: expect.stringMatching(message),
    });
    await answersAsBefore();
  });

  it('or that nobody knows is refused at once', async () => {
    await expect(service.switch('nobody')).rejects.toMatchObject({ code: 'model_not_found' });
    await expect(service.switch('sound', 'fast')).rejects.toMatchObject({
      code: 'not_found',
      message: 'There is no alias "fast"; there are: default. A model\'s document names its aliases.',
    });
    await expect(service.rollback()).rejects.toMatchObject({ code: 'conflict' });
  });
});

it('a model for which there is too little memory is refused with the numbers', async () => {
  await using folder = await temporaryFolder();
  const models = join(folder.path, 'config/models');
  await mkdir(models, { recursive: true });
  const simulated = document('nothing', 'x').replace('path: x', 'engine: simulated\n  aliases: [default]');
  await writeFile(join(models, 'nothing.yaml'), simulated);
  await writeFile(join(models, 'sound.yaml'), document('sound', tinyFile, '  load: { when: never }\n'));
  const reserve = { PARLEY_MODEL_MEMORY_RESERVE_MB: '1000000' };
  await using service = await RunningModelService.start(folder.path, join(folder.path, 'config'), reserve);
  await eventually(() => service.resolve(), patience);
  const job = await service.ended(service.switch('sound'));
  expect(job.error).toMatchObject({
    code: 'overloaded',
    message: expect.stringMatching(
      /"sound" needs about \d+ MiB \(weights 4 MiB, keys and values of 2 x 256 tokens \d+ MiB.*1000000 MiB stay in reserve/,
    ),
  });
  expect((await service.resolve()).model?.name).toBe('nothing');
});
