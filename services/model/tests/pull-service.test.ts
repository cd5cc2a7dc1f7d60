import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { modelAdmin } from '@parley/contracts';
import { eventually, temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { FileServer } from './support/pull/file-server.ts';
import { PullClient } from './support/pull/pull-client.ts';
import { bytesOf, digestOf } from './support/pull/test-pulls.ts';
import { describeWithSmolLm, smolLmFile } from './support/real-model.ts';
import { RunningModelService } from './support/running-service.ts';

const { JobState, ModelState } = modelAdmin;
const content = bytesOf(400_000);

const entry = (name: string, engine: string, sha256: string, bytes: number, ...sources: string[]) => `
    - name: ${name}
      title: { en: Model ${name} }
      description: { en: A model for tests. }
      terms: { license: Apache-2.0, url: "https://example.org/terms", commercialUse: true }
      languages: [en]
      parameters: 135000000
      contextTokens: 8192
      engine: ${engine}
      serve: { tokens: 512, slots: 1 }
      files:
        - { name: "${name}.bin", bytes: ${bytes}, sha256: ${sha256}, sources: ${JSON.stringify(sources)} }`;

/** A model that answers at once, so that the service is ready, and a catalogue of these entries. */
async function configure(folder: string, ...entries: string[]): Promise<string> {
  await mkdir(join(folder, 'config/models'), { recursive: true });
  const head = (kind: string, name: string) =>
    `apiVersion: parley/v1\nkind: ${kind}\nmetadata: { name: ${name}, version: 1.0.0 }\nspec:`;
  const simulated = `${head('Model', 'sim')}\n  engine: simulated\n  aliases: [default]\n  context: { tokens: 512, slots: 4 }\n`;
  await writeFile(join(folder, 'config/models/sim.yaml'), simulated);
  await writeFile(
    join(folder, 'config/models/catalog.yaml'),
    `${head('ModelCatalog', 'catalog')}\n  models:${entries.join('')}\n`,
  );
  return join(folder, 'config');
}

function start(folder: TemporaryFolder): Promise<RunningModelService> {
  const env = { PARLEY_MODEL_CACHE: join(folder.path, 'cache') };
  return RunningModelService.start(folder.path, join(folder.path, 'config'), env);
}

describe('the model service', () => {
  it('pulls a model of its catalogue as a job that everybody can follow', async () => {
    await using server = (await FileServer.start()).on('/right', { content, etag: '"1"' });
    await using folder = await temporaryFolder();
    const sources = [server.url('/nothing'), server.url('/right')];
    await configure(folder.path, entry('vectors', 'later', digestOf(content), content.length, ...sources));
    await using service = await start(folder);
    using client = new PullClient(service, folder.path);
    const described = {
      name: 'vectors',
      title: 'Model vectors',
      license: 'Apache-2.0',
      termsUrl: 'https://example.org/terms',
      commercialUse: true,
      languages: ['en'],
      parameters: 135_000_000,
      contextTokens: 8192,
      fileBytes: 400_000,
      engine: 'later',
      engineAvailable: false,
    };
    expect(await client.catalog()).toMatchObject([{ ...described, installed: false }]);
    const { id } = await client.pull('vectors');
    const job = await client.ended(id);
    expect(job).toMatchObject({
      kind: 'pull',
      subject: 'vectors',
      state: JobState.JOB_STATE_SUCCEEDED,
      progress: 1,
      doneBytes: 400_000,
      totalBytes: 400_000,
      error: undefined,
      notes: [
        'vectors: licence Apache-2.0, commercial use allowed, terms: https://example.org/terms',
        expect.stringContaining('/nothing was skipped: it is not there (HTTP 404)'),
        expect.stringContaining('the engine "later" that runs it is not installed'),
        'vectors is registered: parley models load vectors',
      ],
    });
    expect(await client.jobs()).toEqual([job]);
    expect(await client.catalog()).toMatchObject([{ ...described, installed: true }]);
    const models = await client.models();
    expect(models.find(({ model }) => model?.name === 'vectors')).toMatchObject({
      state: ModelState.MODEL_STATE_REGISTERED,
      engine: 'later',
      license: 'Apache-2.0',
    });
    expect(await service.metric('parley_job_wait_seconds_count', { kind: 'pull' })).toBe(1);
    await eventually(async () =>
      expect(await service.metric('parley_jobs', { kind: 'pull', state: 'succeeded' })).toBe(1),
    );
  });

  it('goes on with a pull that its last process was stopped at, where it was', async () => {
    await using server = (await FileServer.start()).on('/model', {
      content,
      etag: '"1"',
      stallAfter: 300_000,
    });
    await using folder = await temporaryFolder();
    await configure(
      folder.path,
      entry('vectors', 'later', digestOf(content), content.length, server.url('/model')),
    );
    let id = '';
    {
      await using service = await start(folder);
      using client = new PullClient(service, folder.path);
      ({ id } = await client.pull('vectors'));
      expect((await client.pull('vectors')).id).toBe(id);
      await eventually(async () => expect((await client.job(id)).doneBytes).toBe(300_000));
    }
    server.on('/model', { content, etag: '"1"' });
    await using service = await start(folder);
    using client = new PullClient(service, folder.path);
    expect(await client.ended(id)).toMatchObject({ state: JobState.JOB_STATE_SUCCEEDED });
    expect(server.rangesOf('/model')).toEqual([undefined, 'bytes=300000-']);
  });

  it('cancels a pull: what is left is the part, with which the next one goes on', async () => {
    await using server = (await FileServer.start()).on('/model', {
      content,
      etag: '"1"',
      stallAfter: 300_000,
    });
    await using folder = await temporaryFolder();
    await configure(
      folder.path,
      entry('vectors', 'later', digestOf(content), content.length, server.url('/model')),
    );
    await using service = await start(folder);
    using client = new PullClient(service, folder.path);
    const { id } = await client.pull('vectors');
    await eventually(async () => expect((await client.job(id)).doneBytes).toBe(300_000));
    await client.cancel(id);
    expect(await client.ended(id)).toMatchObject({
      state: JobState.JOB_STATE_CANCELLED,
      error: { code: 'cancelled' },
    });
    const cache = join(folder.path, 'cache');
    expect((await readdir(cache)).toSorted()).toEqual([
      '.locks',
      'vectors.bin.part',
      'vectors.bin.part.json',
    ]);
    expect((await stat(join(cache, 'vectors.bin.part'))).size).toBe(300_000);
    server.on('/model', { content, etag: '"1"' });
    await client.ended((await client.pull('vectors')).id);
    expect(server.rangesOf('/model')).toEqual([undefined, 'bytes=300000-']);
  });

  it('says at once what cannot be pulled, and what it does not know', async () => {
    await using folder = await temporaryFolder();
    await configure(
      folder.path,
      entry('vectors', 'later', digestOf(content), 400_000, 'https://x.invalid/a'),
    );
    await using service = await start(folder);
    using client = new PullClient(service, folder.path);
    await expect(client.pull('vector')).rejects.toMatchObject({
      code: 'model_not_found',
      param: 'source',
      message: expect.stringContaining('It has: vectors.'),
    });
    await expect(client.pull('ftp://x')).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(client.job('job_1_x')).rejects.toMatchObject({ code: 'not_found' });
    await expect(client.cancel('job_1_x')).rejects.toMatchObject({ code: 'not_found' });
    await expect(client.jobs(201)).rejects.toMatchObject({ code: 'invalid_request', param: 'limit' });
    expect(await client.jobs()).toEqual([]);
  });
});

describeWithSmolLm('a pulled SmolLM2', () => {
  const sha256 = 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53';

  it('is tried out, registered, and still there after a restart', async () => {
    await using folder = await temporaryFolder();
    await configure(folder.path, entry('smol', 'gguf', sha256, 98_362_432, pathToFileURL(smolLmFile).href));
    const registered = { state: ModelState.MODEL_STATE_REGISTERED, engine: 'gguf', contextTokens: 512 };
    {
      await using service = await start(folder);
      using client = new PullClient(service, folder.path);
      const job = await client.ended((await client.pull('smol')).id, 60_000);
      expect(job).toMatchObject({ state: JobState.JOB_STATE_SUCCEEDED, stage: 'registered' });
      const models = await client.models();
      expect(models.find(({ model }) => model?.name === 'smol')).toMatchObject(registered);
    }
    await using service = await start(folder);
    using client = new PullClient(service, folder.path);
    const models = await client.models();
    expect(models.find(({ model }) => model?.name === 'smol')).toMatchObject(registered);
  });

  it('by its address alone has its context and licence from its file; what is no model is thrown away', async () => {
    await using folder = await temporaryFolder();
    await configure(folder.path, entry('smol', 'gguf', sha256, 98_362_432, 'https://x.invalid/a'));
    await using service = await start(folder);
    using client = new PullClient(service, folder.path);
    const good = await client.ended((await client.pull(pathToFileURL(smolLmFile).href)).id, 60_000);
    expect(good).toMatchObject({ state: JobState.JOB_STATE_SUCCEEDED });
    const models = await client.models();
    expect(models.find(({ model }) => model?.name === 'smollm2-135m-instruct.q4_1')).toMatchObject({
      contextTokens: 4096,
      license: 'apache-2.0',
    });
    await writeFile(join(folder.path, 'bad.gguf'), content);
    const bad = await client.ended((await client.pull(pathToFileURL(join(folder.path, 'bad.gguf')).href)).id);
    expect(bad).toMatchObject({ state: JobState.JOB_STATE_FAILED });
    expect(bad.error?.message).toContain('bad.gguf');
    expect(await readdir(join(folder.path, 'cache'))).not.toContain('bad.gguf');
  });
});
