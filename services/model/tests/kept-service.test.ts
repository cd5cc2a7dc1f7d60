import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { common, modelAdmin } from '@parley/contracts';
import type { inference } from '@parley/contracts';
import { systemClock } from '@parley/kernel';
import { ErasedScopes, openSqliteState } from '@parley/state';
import { eventually, temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundledModelFile } from './support/bundled-model.ts';
import { heard } from './support/heard.ts';
import { RunningModelService } from './support/running-service.ts';

const documents = {
  tiny: `apiVersion: parley/v1
kind: Model
metadata: { name: tiny, version: 1.0.0 }
spec:
  path: ${bundledModelFile}
  aliases: [default]
  context: { tokens: 512, slots: 2 }
`,
  other: `apiVersion: parley/v1
kind: Model
metadata: { name: other, version: 1.0.0 }
spec: { engine: simulated, context: { tokens: 512, slots: 2 } }
`,
};

const succeeded = modelAdmin.JobState.JOB_STATE_SUCCEEDED;
const unloaded = modelAdmin.ModelState.MODEL_STATE_REGISTERED;
const story =
  'A sailor came home after ten years at sea. He had seen the ice in the north and the islands in the south. He sat ' +
  'down at the table and said that he had brought stories, and that he would begin at once. What did he bring?';

function said(texts: readonly string[]): common.Message[] {
  return texts.map((text, index) => ({
    role: index % 2 === 0 ? common.Role.ROLE_USER : common.Role.ROLE_ASSISTANT,
    name: '',
    toolCalls: [],
    toolCallId: '',
    content: [{ part: { $case: 'text', text } }],
  }));
}

describe('what a conversation has left in a model', () => {
  let folder: TemporaryFolder;
  let service: RunningModelService;
  let digest = '';

  const start = async (): Promise<void> => {
    const env = { PARLEY_MODEL_KEPT_TOKENS: '64', PARLEY_MODEL_KEEP_PREVIOUS: 'false' };
    service = await RunningModelService.start(folder.path, join(folder.path, 'config'), env);
    digest = (await eventually(() => service.resolve(), { timeoutMs: 50_000 })).model?.digest ?? '';
  };
  /** A turn of a conversation: its text, and how many tokens of its prompt were reused. */
  const turn = async (
    texts: readonly string[],
    cacheScope: string,
  ): Promise<{ readonly text: string; readonly usage: inference.GenerateFinished['usage'] }> => {
    const request = { messages: said(texts), cacheScope, maxOutputTokens: 8 };
    const { text, finished } = await heard(service.generate(digest, '', request));
    return { text, usage: finished?.usage };
  };
  const files = async (): Promise<string[]> =>
    (await readdir(join(folder.path, 'model-kept'), { recursive: true })).filter((name) =>
      name.endsWith('.kept'),
    );

  beforeAll(async () => {
    folder = await temporaryFolder();
    await mkdir(join(folder.path, 'config/models'), { recursive: true });
    for (const [name, document] of Object.entries(documents))
      await writeFile(join(folder.path, `config/models/${name}.yaml`), document);
    await start();
  }, 60_000);
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  it('is there for its next turn after the service has drained and started again', async () => {
    const first = await turn([story], 'ada');
    await service[Symbol.asyncDispose]();
    expect(await files()).toHaveLength(1);
    expect((await stat(join(folder.path, 'model-kept'))).mode & 0o077).toBe(0);
    await start();
    const { usage } = await turn([story, first.text, 'And then?'], 'ada');
    expect(usage?.cachedInputTokens).toBeGreaterThan((usage?.inputTokens ?? 0) * 0.7);
    const labels = { model: 'tiny', tier: 'disk' };
    expect(await service.metric('parley_model_kv_reused_tokens_total', labels)).toBe(
      usage?.cachedInputTokens,
    );
    expect((await turn([story], 'eve')).usage?.cachedInputTokens).toBe(0);
  }, 40_000);

  it('is there after a switch to another model and back', async () => {
    const first = await turn([story], 'bob');
    expect(await service.ended(service.switch('other'))).toMatchObject({ state: succeeded });
    await eventually(
      async () => {
        const { models } = await service.list();
        expect(models.find(({ model }) => model?.name === 'tiny')?.state).toBe(unloaded);
      },
      { timeoutMs: 20_000 },
    );
    expect(await service.ended(service.rollback())).toMatchObject({ state: succeeded });
    const { usage } = await turn([story, first.text, 'And then?'], 'bob');
    expect(usage?.cachedInputTokens).toBeGreaterThan((usage?.inputTokens ?? 0) * 0.7);
  }, 60_000);

  it('is gone within seconds of the erasure of its user', async () => {
    await service[Symbol.asyncDispose]();
    await start();
    const before = await files();
    await using state = openSqliteState(join(folder.path, 'fleet.db'));
    const erased = new ErasedScopes(state.control, systemClock);
    await erased.add('acme', 'bob');
    await eventually(async () => expect((await files()).length).toBeLessThan(before.length), {
      timeoutMs: 20_000,
    });
    expect((await turn([story], 'bob')).usage?.cachedInputTokens).toBe(0);
    expect((await turn([story], 'ada')).usage?.cachedInputTokens).toBeGreaterThan(64);
  }, 40_000);
});
