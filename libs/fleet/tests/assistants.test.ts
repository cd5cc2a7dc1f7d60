import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moveAlias } from './support/admin-jobs.ts';
import { ConfigCopy, simulatedModel } from './support/config-copy.ts';
import { TestFleet, eventually, noRealModel } from './support/test-fleet.ts';

interface ConfigReport {
  readonly services: readonly {
    readonly service: string;
    readonly revision: number;
    readonly documents: readonly { kind: string; name: string; version: string }[];
    readonly faults: readonly { file: string; line: number; path: string; message: string }[];
  }[];
}

/** Assistants from files, on the bundled model and on others. */
describe('an assistant', () => {
  const config = new ConfigCopy();
  let fleet: TestFleet;
  beforeAll(async () => {
    config.write('models/simulated.yaml', simulatedModel);
    fleet = await TestFleet.start({ configDir: config.dir });
  });
  afterAll(async () => {
    await fleet[Symbol.asyncDispose]();
    config[Symbol.dispose]();
  });

  /** A conversation of stored turns; says one thing after the other and gives the last answer. */
  async function converse(model: string, said: readonly string[]): Promise<string[]> {
    const answers: string[] = [];
    let previous: string | undefined;
    for (const input of said) {
      const body = {
        model,
        input,
        max_output_tokens: 48,
        ...(previous && { previous_response_id: previous }),
      };
      const response = await fleet.openai.responses.create(body);
      previous = response.id;
      answers.push(response.output_text);
    }
    return answers;
  }

  async function dialogueReport(): Promise<ConfigReport['services'][number]> {
    const { services } = await fleet.json<ConfigReport>('/admin/v1/config');
    const report = services.find(({ service }) => service === 'dialogue');
    if (report === undefined) throw new Error('dialogue reports no documents');
    return report;
  }

  it('is listed, and an unknown one is refused by a message that names those there are', async () => {
    const { data } = await fleet.json<{ data: { id: string; model: string; strategies: string[] }[] }>(
      '/v1/assistants',
    );
    expect(data.map(({ id }) => id)).toEqual(['assistant:helper', 'assistant:order-desk']);
    expect(data[0]).toMatchObject({ model: 'default', strategies: ['context-memory'] });
    const refused = await fleet.post('/v1/responses', { model: 'assistant:nobody', input: 'Hi' });
    expect(refused.status).toBe(404);
    expect(await refused.text()).toMatch(/helper.*order-desk/);
  });

  it('remembers what it was told long before the window', async () => {
    const chat = Array.from({ length: 40 }, () => 'Tell me what Parley is.');
    const answers = await converse('assistant:helper', ['My name is Mara.', ...chat, 'What is my name?']);
    expect(answers.at(-1)).toContain('Mara');
  }, 180_000);

  it('takes an order over several turns, with a correction, on the bundled model', async () => {
    const answers = await converse('assistant:order-desk', [
      'Hello!',
      "I'd like to order a pizza",
      'pepperoni',
      'a medium one, please',
      'actually, make it large',
      "I'll pick it up",
      'yes, please',
    ]);
    expect(answers[1]).toContain('Which pizza');
    expect(answers[2]).toContain('Which size');
    expect(answers[4]).toContain('large');
    expect(answers[5]).toMatch(/Pepperoni, large, for pick-up\. Is that right\?/);
    expect(answers[6]).toMatch(/your order is in/);
  });

  it('takes the same order in Chinese, and by a stateless chat', async () => {
    const answers = await converse('assistant:order-desk', ['来两个大份意式香肠披萨，送到中山路1号', '对的']);
    expect(answers[0]).toContain('送到中山路1号');
    expect(answers[1]).toContain('已为您下单');
    const chat = await fleet.openai.chat.completions.create({
      model: 'assistant:order-desk',
      messages: [
        { role: 'user', content: 'a large veggie pizza, for pick-up, please' },
        { role: 'assistant', content: '1 × Veggie, large, for pick-up. Is that right?' },
        { role: 'user', content: 'yes' },
      ],
    });
    expect(chat.choices[0]?.message.content).toContain('your order is in');
    expect(chat.usage?.completion_tokens).toBe(0);
    expect(chat.model).toBe('parley-tiny');
  });

  it.each(['parley-tiny', ...(noRealModel === undefined ? ['smollm2-135m'] : []), 'simulated'])(
    'is the same on %s, called as that model is called best',
    async (model) => {
      await moveAlias(fleet, 'default', model);
      const chat = await fleet.openai.chat.completions.create({
        model: 'assistant:helper',
        max_tokens: 24,
        messages: [
          { role: 'user', content: 'My name is Mara.' },
          { role: 'user', content: 'Hello!' },
        ],
      });
      expect(chat.model).toBe(model);
      expect(chat.choices[0]?.message.content).not.toBe('');
      const response = await fleet.openai.responses.create({
        model: 'assistant:helper',
        input: 'Hello!',
        max_output_tokens: 24,
      });
      expect(response.output_text).not.toBe('');
      expect(response).toMatchObject({ model, assistant: { name: 'helper', version: '1.0.0' } });
      await moveAlias(fleet, 'default', 'parley-tiny');
    },
    120_000,
  );

  it('is in the record, with its version and what its strategies did', async () => {
    const response = await fleet.openai.responses.create({
      model: 'assistant:helper',
      input: 'My name is Mara.',
    });
    const [event] = await eventually('the turn is in the record', 10_000, async () => {
      const found = await fleet.terminalEvents(response.id);
      return found.length > 0 ? found : undefined;
    });
    expect(event?.data).toMatchObject({
      assistant: 'helper',
      assistantVersion: '1.0.0',
      strategyTrace: expect.arrayContaining([
        expect.objectContaining({ hook: 'context.build', strategy: 'context-memory' }),
      ]),
    });
  });

  it('changes while the fleet runs, and a broken file leaves the last good one', async () => {
    const before = await dialogueReport();
    config.change('assistants/helper.yaml', (text) => text.replace('version: 1.0.0', 'version: 1.1.0'));
    await eventually('the new version is in effect', 10_000, async () => {
      const { data } = await fleet.json<{ data: { name: string; version: string }[] }>('/v1/assistants');
      return data.find(({ name, version }) => name === 'helper' && version === '1.1.0');
    });
    config.change('assistants/helper.yaml', (text) => text.replace('maxTokens: 512', 'maxTokens: many'));
    const report = await eventually('the fault is told', 10_000, async () => {
      const now = await dialogueReport();
      return now.faults.length > 0 ? now : undefined;
    });
    const line =
      config
        .read('assistants/helper.yaml')
        .split('\n')
        .findIndex((text) => text.includes('maxTokens: many')) + 1;
    expect(report.faults[0]).toMatchObject({
      file: 'assistants/helper.yaml',
      line,
      path: 'spec.sampling.maxTokens',
    });
    expect(report.faults[0]?.message).toMatch(/number/);
    expect(report.revision).toBeGreaterThan(before.revision);
    expect(report.documents).toContainEqual(expect.objectContaining({ name: 'helper', version: '1.1.0' }));
    const answer = await fleet.openai.responses.create({ model: 'assistant:helper', input: 'Hello!' });
    expect(answer).toMatchObject({ assistant: { name: 'helper', version: '1.1.0' } });

    expect(await fleet.metrics('dialogue')).toMatch(/parley_\w*document\w*fault\w*\{[^}]*\} [1-9]/);
    const log = readFileSync(join(fleet.dataDir, 'logs/dialogue.log'), 'utf8');
    expect(log).toMatch(/assistants\/helper\.yaml/);

    config.change('assistants/helper.yaml', (text) => text.replace('maxTokens: many', 'maxTokens: 256'));
    await eventually('the fault has gone', 10_000, async () =>
      (await dialogueReport()).faults.length === 0 ? true : undefined,
    );
  });

  it('counts tokens and makes vectors where an engine can, and says which can where not', async () => {
    const counted = await fleet.openai.responses.inputTokens.count({
      model: 'default',
      input: 'Hello, who are you?',
    });
    expect(counted.input_tokens).toBeGreaterThan(3);
    const vectors = await fleet.openai.embeddings
      .create({ model: 'simulated', input: ['a', 'b'] })
      .catch((error: unknown) => error);
    expect(vectors).toMatchObject({ data: [{ index: 0 }, { index: 1 }] });
    const refused = await fleet.post('/v1/embeddings', { model: 'parley-tiny', input: 'Hello' });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toMatch(/gguf.*simulated/s);
  });
});
