import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modelAdmin } from '@parley/contracts';
import type { inference } from '@parley/contracts';
import { eventually, temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundledModelFile } from './support/bundled-model.ts';
import { PullClient } from './support/pull/pull-client.ts';
import { RunningModelService } from './support/running-service.ts';

const { MODEL_STATE_READY, MODEL_STATE_REGISTERED } = modelAdmin.ModelState;

/** The bundled model as Ollama would keep it. */
async function keepInOllama(folder: string): Promise<{ blob: string; digest: string }> {
  const digest = createHash('sha256')
    .update(await readFile(bundledModelFile))
    .digest('hex');
  const blob = join(folder, 'blobs', `sha256-${digest}`);
  const manifest = join(folder, 'manifests/registry.ollama.ai/library/tiny');
  await mkdir(join(folder, 'blobs'), { recursive: true });
  await mkdir(manifest, { recursive: true });
  await copyFile(bundledModelFile, blob);
  const layer = { mediaType: 'application/vnd.ollama.image.model', digest: `sha256:${digest}`, size: 1 };
  await writeFile(join(manifest, 'latest'), JSON.stringify({ schemaVersion: 2, layers: [layer] }));
  return { blob, digest };
}

function document(): string {
  return `apiVersion: parley/v1
kind: Model
metadata: { name: late, version: 1.0.0 }
spec:
  path: ${bundledModelFile}
  aliases: [default]
  context: { tokens: 256, slots: 2 }
  load: { when: first-use, unload: { idleMs: 3000 }, mmap: off }
`;
}

describe('the model service', () => {
  let folder: TemporaryFolder;
  let service: RunningModelService;
  let client: PullClient;
  let ollama: { blob: string; digest: string };

  beforeAll(async () => {
    folder = await temporaryFolder();
    const config = join(folder.path, 'config');
    await mkdir(join(config, 'models'), { recursive: true });
    await writeFile(join(config, 'models/late.yaml'), document());
    ollama = await keepInOllama(join(folder.path, 'ollama'));
    service = await RunningModelService.start(folder.path, config, {
      PARLEY_MODEL_CACHE: join(folder.path, 'cache'),
      OLLAMA_MODELS: join(folder.path, 'ollama'),
      PARLEY_LM_STUDIO_MODELS: join(folder.path, 'none'),
      LLAMA_CACHE: join(folder.path, 'none'),
    });
    client = new PullClient(service, folder.path);
  });

  afterAll(async () => {
    client[Symbol.dispose]();
    await service[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  async function state(name: string): Promise<modelAdmin.ModelState | undefined> {
    return (await service.list()).models.find(({ model }) => model?.name === name)?.state;
  }

  /** The default model as dialogue gets it: it asks again while it is told to wait. */
  async function resolvedAfter(waits: string[]): Promise<inference.ResolvedModel> {
    for (;;) {
      const resolved = await service.resolve();
      if (resolved.waiting === undefined) return resolved;
      waits.push(resolved.waiting.stage);
    }
  }

  /** What a generation says, by kind; the stages of its wait. */
  async function answer(digest: string): Promise<{ kinds: string[]; stages: string[] }> {
    const kinds: string[] = [];
    const stages: string[] = [];
    for await (const { update } of service.generate(digest, 'Hi', { maxOutputTokens: 4 })) {
      if (update !== undefined && kinds.at(-1) !== update.$case) kinds.push(update.$case);
      if (update?.$case === 'progress') stages.push(update.progress.stage);
    }
    return { kinds, stages };
  }

  it('loads the bundled model at its first use while its caller waits, and again after it has left', async () => {
    expect(await state('late')).toBe(MODEL_STATE_REGISTERED);
    const waits: string[] = [];
    const resolved = await resolvedAfter(waits);
    expect([resolved.model?.digest, resolved.contextTokens]).toEqual([ollama.digest, 256]);
    expect(waits[0]).toMatch(/^late: /);
    expect((await answer(ollama.digest)).kinds).toEqual(['started', 'chunk', 'finished']);
    expect(await state('late')).toBe(MODEL_STATE_READY);
    await eventually(async () => expect(await state('late')).toBe(MODEL_STATE_REGISTERED), {
      timeoutMs: 20_000,
    });
    const again = await answer(ollama.digest);
    expect(again.kinds).toEqual(['progress', 'started', 'chunk', 'finished']);
    expect(again.stages[0]).toMatch(/^late: /);
    const counted = await service.count({ texts: ['Hi'] });
    expect(counted.model).toEqual({ name: 'late', digest: ollama.digest });
  });

  it('uses a model where Ollama keeps it, and leaves it as it is', async () => {
    const before = await stat(ollama.blob);
    const { models } = await client.local();
    expect(models).toMatchObject([{ source: 'ollama:tiny:latest', program: 'ollama', problem: '' }]);
    const job = await client.ended((await client.pull('ollama:tiny')).id);
    expect(job).toMatchObject({ subject: 'ollama:tiny', error: undefined });
    expect(await service.ended(service.load('tiny'))).toMatchObject({ error: undefined });
    expect((await answer(ollama.digest)).kinds.at(-1)).toBe('finished');
    expect((await stat(ollama.blob)).mtimeMs).toBe(before.mtimeMs);
    expect(await client.prune({ dryRun: true, maxBytes: 1 })).toMatchObject({ removed: [], kept: [] });
  });
});
