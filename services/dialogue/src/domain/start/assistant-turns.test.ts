import { ParleyError } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { TestDialogue, says } from '../../../tests/support/test-dialogue.ts';
import type { Assistant } from '../assistant/assistant.ts';
import type { Strategy } from '../strategy/strategy.ts';

/** Notes each message of the user, answers where it says so, and tells the model how many there were. */
const listener: Strategy = {
  name: 'listener',
  version: '2.1.0',
  digest: 'e',
  received: ({ before, input }, state) => {
    const heard = state === undefined ? [...before, ...input] : input;
    const texts = heard.filter(({ role }) => role === 'user').map(({ content }) => content[0]?.text ?? '');
    const all = [...((state as string[] | undefined) ?? []), ...texts];
    const answer = texts.at(-1)?.startsWith('answer me') === true ? 'Answered at once.' : undefined;
    const afterwards = texts.at(-1)?.startsWith('remind me') === true ? 'Which size?' : undefined;
    return { outcome: 'heard', state: all, answer, afterwards };
  },
  build: async ({ context, state, tokens }) => {
    const [count = 0] = await tokens.texts([context.instructions]);
    const heard = (state as string[]).join('|');
    return { ...context, instructions: `${context.instructions} (${count}) ${heard}`, outcome: 'added' };
  },
};

const helper: Assistant = {
  name: 'helper',
  version: '1.2.0',
  title: {},
  description: {},
  model: 'fast',
  instructions: { en: 'Help.', 'zh-CN': '帮忙。' },
  sampling: { temperature: 0.2 },
  maxOutputTokens: 64,
  stop: [],
  strategies: [listener],
  uses: ['listener'],
};

const model = 'assistant:helper';

async function launch(): Promise<TestDialogue> {
  const fleet = await TestDialogue.launch();
  fleet.assistants.assistants = [helper];
  return fleet;
}

async function prompts(fleet: TestDialogue, index: number): Promise<string[]> {
  const { prompt } = await fleet.model.generation(index);
  return prompt.messages.map(({ role, content }) => `${role}: ${content[0]?.text}`);
}

describe('a turn of an assistant', () => {
  it('asks the assistant’s model with its instructions, and says who answered', async () => {
    await using fleet = await launch();
    const turn = await fleet.say('Hello', { model, instructions: 'Be brief.' }).ended();
    expect(fleet.model.asked).toEqual(['fast']);
    expect(turn).toMatchObject({
      status: 'completed',
      assistant: { name: 'helper', version: '1.2.0' },
      model: { name: 'tiny' },
      instructions: 'Be brief.',
      sampling: { temperature: 0.2 },
      maxOutputTokens: 64,
    });
    expect(await prompts(fleet, 0)).toEqual(['system: Help.\n\nBe brief. (16) Hello', 'user: Hello']);
  });

  it('answers in the language of the user, or the one that the caller asks for', async () => {
    await using fleet = await launch();
    await fleet.say('你好', { model }).ended();
    await fleet.say('Hello', { model, languages: 'zh-CN,zh;q=0.9' }).ended();
    const followed = await fleet.say('订两个', { model }).ended();
    await fleet.say('13800001111', { model, previousTurnId: followed.id }).ended();
    for (const index of [0, 1, 3]) expect((await prompts(fleet, index))[0]).toContain('system: 帮忙。');
  });

  it('goes on from the state of the turn before, each branch from its own', async () => {
    await using fleet = await launch();
    const first = await fleet.say('one', { model }).ended();
    await fleet.say('left', { model, previousTurnId: first.id }).ended();
    const right = await fleet.say('right', { model, previousTurnId: first.id }).ended();
    await fleet.say('last', { model, previousTurnId: right.id }).ended();
    expect((await prompts(fleet, 1))[0]).toMatch(/one\|left$/);
    expect((await prompts(fleet, 3))[0]).toMatch(/one\|right\|last$/);
  });

  it('hears everything that was said in turns without it, and in a stateless conversation', async () => {
    await using fleet = await launch();
    const plain = await fleet.say('one').ended();
    const second = await fleet.say('two', { model, previousTurnId: plain.id }).ended();
    const gap = await fleet.say('three', { previousTurnId: second.id }).ended();
    await fleet.say('four', { model, previousTurnId: gap.id }).ended();
    expect((await prompts(fleet, 3))[0]).toMatch(/one\|two\|three\|four$/);
    const input = [says('one'), says('Yes?', 'assistant'), says('two')];
    await fleet.say('', { model, input, store: false }).ended();
    expect((await prompts(fleet, 4))[0]).toMatch(/one\|two$/);
  });

  it('is answered by a strategy without the model, with the same entries and no tokens', async () => {
    await using fleet = await launch();
    const reading = fleet.say('answer me', { model });
    const turn = await reading.ended();
    expect(turn).toMatchObject({
      status: 'completed',
      finishReason: 'stop',
      model: { name: 'tiny' },
      usage: { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 },
    });
    expect(reading.types).toEqual([
      'turn_created',
      'turn_started',
      'item_added',
      'part_added',
      'text_delta',
      'text_done',
      'part_done',
      'item_done',
      'turn_ended',
    ]);
    expect(reading.text).toBe('Answered at once.');
    expect(fleet.model.generations).toEqual([]);
    const [next] = (await fleet.say('and now', { model, previousTurnId: turn.id }).ended()).output;
    expect(next?.content[0]?.text).toBe('Hello there');
    expect(await prompts(fleet, 0)).toEqual([
      'system: Help. (5) answer me|and now',
      'user: answer me',
      'assistant: Answered at once.',
      'user: and now',
    ]);
  });

  it('says after the model’s answer what a strategy wants said, unless the answer was cut', async () => {
    await using fleet = await launch();
    const turn = await fleet.say('remind me', { model }).ended();
    expect(turn.output[0]?.content[0]?.text).toBe('Hello there\n\nWhich size?');
    fleet.model.answer = (generation) => generation.started().says('Too lo').finishes('length');
    const cut = await fleet.say('remind me', { model }).ended();
    expect(cut.output[0]?.content[0]?.text).toBe('Too lo');
    fleet.model.answer = (generation) => generation.started().finishes();
    const silent = await fleet.say('remind me', { model }).ended();
    expect(silent.output[0]?.content[0]?.text).toBe('Which size?');
  });

  it('tells in its event what its strategies did', async () => {
    await using fleet = await launch();
    const turn = await fleet.say('remind me', { model }).ended();
    const [, ended] = await fleet.published(turn.id);
    const payload = JSON.parse(ended?.data ?? '') as Record<string, unknown>;
    expect(payload).toMatchObject({ assistant: 'helper', assistantVersion: '1.2.0' });
    const step = { strategy: 'listener', version: '2.1.0', durationMs: expect.any(Number) as number };
    expect(payload['strategyTrace']).toEqual([
      { ...step, hook: 'input.received', outcome: 'heard' },
      { ...step, hook: 'context.build', outcome: 'added' },
      { ...step, hook: 'output.deliver', outcome: 'appended' },
    ]);
  });

  it('runs without a strategy that fails', async () => {
    await using fleet = await launch();
    fleet.tokens.failure = new ParleyError('unavailable', 'The model service is away.');
    const turn = await fleet.say('Hello', { model }).ended();
    expect(turn.status).toBe('completed');
    expect(await prompts(fleet, 0)).toEqual(['system: Help.', 'user: Hello']);
    expect(fleet.watch.told).toContain('strategy failed listener at context.build');
  });

  it('leaves nothing of an unstored conversation in the store', async () => {
    await using fleet = await launch();
    const turn = await fleet.say('a secret word', { model, store: false }).ended();
    const row = await fleet.world.state.turns.get(turn.id);
    expect(row?.document).toContain('listener');
    expect(row?.document).not.toContain('secret');
  });

  it('goes on as it began when the assistant changes, and the next one is the new one’s', async () => {
    await using fleet = await launch();
    fleet.model.answer = (generation) => generation.started();
    const running = fleet.say('Hello', { model });
    const generation = await fleet.model.generation(0);
    fleet.assistants.assistants = [{ ...helper, version: '2.0.0', instructions: { en: 'New.' } }];
    fleet.model.answer = (next) => next.started().says('Hi').finishes();
    generation.says('Old').finishes();
    expect((await running.ended()).assistant?.version).toBe('1.2.0');
    const next = await fleet.say('Hello', { model }).ended();
    expect(next.assistant?.version).toBe('2.0.0');
    expect((await prompts(fleet, 1))[0]).toMatch(/^system: New\./);
  });

  it('is refused when there is no such assistant', async () => {
    await using fleet = await launch();
    const refused = await fleet.say('Hi', { model: 'assistant:nobody' }).over();
    expect(refused).toMatchObject({
      code: 'model_not_found',
      message: expect.stringContaining('helper') as string,
    });
    expect(fleet.model.asked).toEqual([]);
  });
});

describe('a turn without an assistant', () => {
  it('asks the model what it always asked, and counts nothing', async () => {
    await using fleet = await launch();
    const turn = await fleet
      .say('Hello', { model: 'fast', instructions: 'Be brief.', languages: 'zh' })
      .ended();
    expect(turn.assistant).toBeUndefined();
    expect(await prompts(fleet, 0)).toEqual(['system: Be brief.', 'user: Hello']);
    expect(fleet.tokens.counted).toEqual([]);
    const row = await fleet.world.state.turns.get(turn.id);
    expect(row?.document).not.toContain('strategies');
  });
});
