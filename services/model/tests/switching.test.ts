import { modelAdmin, modelEventTypes } from '@parley/contracts';
import { eventually, temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heard } from './support/heard.ts';
import type { Heard } from './support/heard.ts';
import { modelEventsOf } from './support/model-events-of.ts';
import { describeWithSmolLm, switchingConfigDir } from './support/real-model.ts';
import { RunningModelService } from './support/running-service.ts';

const patience = { timeoutMs: 50_000, everyMs: 50 };
const succeeded = modelAdmin.JobState.JOB_STATE_SUCCEEDED;
const question = 'What is the capital of France?';

/** What one caller saw: the model that its name resolved to, and the answer. */
interface Turn {
  readonly resolved: string;
  readonly answer: Heard;
}

describeWithSmolLm('an alias that is switched under load', () => {
  let folder: TemporaryFolder;
  let service: RunningModelService;

  beforeAll(async () => {
    folder = await temporaryFolder();
    service = await RunningModelService.start(folder.path, switchingConfigDir);
    await eventually(() => service.resolve(), patience);
  });
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  async function turn(): Promise<Turn> {
    const { model } = await service.resolve();
    const answer = await heard(service.generate(model?.digest ?? '', question, { maxOutputTokens: 8 }));
    return { resolved: model?.name ?? '', answer };
  }

  it('goes back and forth ten times: no answer fails, none is cut, each is from the one model it names', async () => {
    await service.ended(service.load('smollm2'));
    const alone: Record<string, Heard> = {};
    for (const model of ['tiny', 'smollm2']) {
      const { digest = '' } = (await service.resolve(model)).model ?? {};
      alone[model] = await heard(service.generate(digest, question, { maxOutputTokens: 8 }));
    }
    const over = new AbortController();
    const turns: Turn[] = [];
    const callers = Promise.all(
      Array.from({ length: 8 }, async () => {
        while (!over.signal.aborted) turns.push(await turn());
      }),
    );
    try {
      for (let round = 0; round < 10; round++) {
        const job = await service.ended(service.switch(round % 2 === 0 ? 'smollm2' : 'tiny'));
        expect(job).toMatchObject({ state: succeeded, kind: 'switch', subject: 'default', progress: 1 });
        const seen = turns.length;
        await eventually(() => expect(turns.length).toBeGreaterThan(seen), patience);
      }
    } finally {
      over.abort();
    }
    await callers;
    for (const { resolved, answer } of turns) {
      expect(answer.started?.model?.name).toBe(resolved);
      expect(answer.finished).toBeDefined();
      // Side by side, close choices may fall otherwise than alone; the first token of this answer is none.
      expect(answer.text.trim().split(/\W/)[0]).toBe(alone[resolved]?.text.trim().split(/\W/)[0]);
    }
    expect(new Set(turns.map(({ resolved }) => resolved))).toEqual(new Set(['tiny', 'smollm2']));
    expect((await service.list()).aliases).toMatchObject([
      { alias: 'default', model: { name: 'tiny' }, generation: 11, previousModel: 'smollm2' },
    ]);
  }, 120_000);

  it('does not touch an answer that runs, and takes it from nobody', async () => {
    const { model } = await service.resolve();
    const endless = { maxOutputTokens: 600, sampling: { temperature: 1, seed: 7, logitBias: {} } };
    const running = heard(service.generate(model?.digest ?? '', 'Tell me a long story.', endless));
    await service.ended(service.switch('smollm2'));
    await service.ended(service.rollback());
    const answer = await running;
    expect(answer.started?.model?.name).toBe('tiny');
    expect(answer.finished).toBeDefined();
  });

  it('is counted and told each time that it moves', async () => {
    const labels = { kind: 'switch', model: 'tiny' };
    const counted = await service.metric('parley_model_load_duration_seconds_count', labels);
    expect(counted).toBeGreaterThanOrEqual(6);
    const events = await modelEventsOf(folder.path);
    const switches = events.filter(({ type }) => type === modelEventTypes.switched);
    expect(switches).toHaveLength(12);
    expect(JSON.parse(switches[0]?.data ?? '')).toMatchObject({
      alias: 'default',
      from: { name: 'tiny' },
      to: { name: 'smollm2' },
    });
  });

  it('unloads what no alias points to: refused before, gone after, and the metrics say so', async () => {
    await expect(service.unload('tiny')).rejects.toMatchObject({ code: 'conflict' });
    expect(await service.ended(service.unload('smollm2'))).toMatchObject({ state: succeeded });
    const { models } = await service.list();
    expect(models.find(({ model }) => model?.name === 'smollm2')?.state).toBe(
      modelAdmin.ModelState.MODEL_STATE_REGISTERED,
    );
    const of = { model: 'smollm2' };
    expect(await service.metric('parley_model_state', { ...of, state: 'unloaded' })).toBe(1);
    expect(await service.metric('parley_model_memory_bytes', { ...of, kind: 'kv' })).toBe(0);
    await expect(service.resolve('smollm2')).rejects.toMatchObject({ code: 'model_not_ready' });
    await expect(service.unload('smollm2')).rejects.toMatchObject({ code: 'conflict' });
    expect((await modelEventsOf(folder.path)).map(({ type }) => type)).toContain(modelEventTypes.unloaded);
  });

  it('says what it knows of each model: terms, aliases, and which of them is simulated', async () => {
    const { models } = await service.list();
    expect(models.find(({ engine }) => engine === 'simulated')).toMatchObject({
      model: { name: 'simulated' },
      description: 'Simulated: makes up its answers, for tests of load only. Twelve words a second.',
    });
    expect(models.find(({ model }) => model?.name === 'smollm2')).toMatchObject({
      license: 'Apache-2.0',
      termsUrl: 'https://www.apache.org/licenses/LICENSE-2.0',
      commercialUse: true,
      aliases: [],
    });
  });
});

describe('an alias over a restart', () => {
  it('comes back as it was switched, and the report tells that the files say otherwise', async () => {
    await using folder = await temporaryFolder();
    {
      await using service = await RunningModelService.start(folder.path, switchingConfigDir);
      expect(await service.ended(service.switch('simulated'))).toMatchObject({ state: succeeded });
      expect((await service.report()).drifts).toEqual([
        { subject: 'alias default', configured: 'tiny', actual: 'simulated' },
      ]);
    }
    await using service = await RunningModelService.start(folder.path, switchingConfigDir);
    const { model } = await eventually(() => service.resolve(), patience);
    expect(model?.name).toBe('simulated');
    expect((await service.list()).aliases).toMatchObject([
      { alias: 'default', model: { name: 'simulated' }, generation: 2, previousModel: 'tiny' },
    ]);
    const report = await service.report();
    expect(report).toMatchObject({ service: 'model', revision: 1, faults: [] });
    expect(report.documents.map(({ kind, name, file }) => [kind, name, file])).toEqual([
      ['Model', 'simulated', 'models/simulated.yaml'],
      ['Model', 'smollm2', 'models/smollm2.yaml'],
      ['Model', 'tiny', 'models/tiny.yaml'],
    ]);
    expect(report.drifts).toHaveLength(1);
    expect(await service.ended(service.rollback())).toMatchObject({ state: succeeded });
    expect((await service.resolve()).model?.name).toBe('tiny');
    expect((await service.report()).drifts).toEqual([]);
  });
});
