import { common, dialogue, topics } from '@parley/contracts';
import { newPublicId } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { ConfigFolder, assistantText } from './support/config-folder.ts';
import { RunningFleet, startRequest } from './support/running-fleet.ts';
import type { Caller } from './support/running-fleet.ts';

const model = 'assistant:helper';

function message(role: common.Role, text: string): dialogue.Item {
  return {
    id: newPublicId('msg'),
    item: {
      $case: 'message',
      message: {
        role,
        content: [{ part: { $case: 'text', text } }],
        status: dialogue.ItemStatus.ITEM_STATUS_COMPLETED,
        name: '',
      },
    },
  };
}

/** The prompt of the latest generation, a line a message. */
function lastPrompt(fleet: RunningFleet): string[] {
  const messages = fleet.model.generations.at(-1)?.request.messages ?? [];
  return messages.map(({ content }) => content.map(({ part }) => part?.text ?? '').join(''));
}

function textOf(turn: dialogue.Turn | undefined): string {
  const item = turn?.output[0]?.item;
  return item?.$case === 'message' ? (item.message.content[0]?.part?.text ?? '') : '';
}

/** Says one thing after another, each turn following the one before. */
async function converse(
  caller: Caller,
  assistant: string,
  texts: readonly string[],
): Promise<(dialogue.Turn | undefined)[]> {
  const turns: (dialogue.Turn | undefined)[] = [];
  for (const text of texts) {
    const previousTurnId = turns.at(-1)?.id ?? '';
    turns.push(await caller.start(startRequest(text, { model: assistant, previousTurnId })).ended());
  }
  return turns;
}

describe('call profiles', () => {
  it('get to say what neither the assistant nor the request says', async () => {
    await using folder = await ConfigFolder.with({
      'assistants/helper.yaml': assistantText('helper', '{ instructions: { en: Help. } }'),
      'assistants/exact.yaml': assistantText(
        'exact',
        '{ model: fast, sampling: { temperature: 0.1, topK: 3, maxTokens: 33 }, stop: [END] }',
      ),
    });
    await using fleet = await RunningFleet.start();
    const caller = fleet.caller(await fleet.instance({ PARLEY_CONFIG: folder.path }));
    await caller.start(startRequest('Hi', { model })).ended();
    const silent = fleet.model.generations[0]?.request;
    expect(silent).toMatchObject({ maxOutputTokens: 0, stop: [], sampling: { logitBias: {} } });
    const { logitBias: _, ...said } = silent?.sampling ?? { logitBias: {} };
    expect(Object.values(said).filter((value) => value !== undefined)).toEqual([]);

    const sampling = { temperature: 0.9, seed: 5, logitBias: {} };
    await caller
      .start(startRequest('Hi', { model: 'assistant:exact', sampling, maxOutputTokens: 7 }))
      .ended();
    expect(fleet.model.asked).toEqual(['default', 'fast']);
    const exact = fleet.model.generations[1]?.request;
    expect(exact).toMatchObject({
      maxOutputTokens: 7,
      stop: ['END'],
      sampling: { temperature: 0.9, topK: 3, seed: 5 },
    });
    expect(exact?.sampling?.topP).toBeUndefined();
    expect(exact?.messages.map(({ role }) => role)).toEqual([common.Role.ROLE_USER]);
  });
});

describe('the shipped helper', () => {
  it('still knows the name after 30 turns, in a prompt that fits the model', async () => {
    await using fleet = await RunningFleet.start();
    fleet.model.contextTokens = 512;
    const caller = fleet.caller(await fleet.instance());
    const noise = Array.from({ length: 30 }, (_, index) => `Tell me something about number ${index}.`);
    const turns = await converse(caller, model, ['My name is Lena.', ...noise, 'What is my name?']);
    expect(turns.at(-1)?.assistant).toEqual({ name: 'helper', version: '1.0.0' });
    const prompt = lastPrompt(fleet);
    expect(prompt[0]).toBe("You are a helpful assistant. The user's name is Lena.");
    expect(prompt.slice(1).join(' ')).not.toContain('Lena');
    expect(prompt.at(-1)).toBe('What is my name?');
    // As the model peer counts: a token per character and three for each message; half is kept for the answer.
    const tokens = prompt.reduce((sum, text) => sum + text.length + 3, 0);
    expect(tokens).toBeLessThanOrEqual(256);
    expect(tokens).toBeGreaterThan(200);
    const newest = prompt.slice(1).filter((_, index) => index % 2 === 0);
    expect(newest).toEqual(noise.slice(noise.length - newest.length + 1).concat('What is my name?'));
  });

  it('knows it in a stateless conversation too, and counts no text twice', async () => {
    await using fleet = await RunningFleet.start();
    const caller = fleet.caller(await fleet.instance());
    const said = ['我叫小林。', '你好，小林。', '讲个故事吧。', '从前有座山。'];
    const { ROLE_USER, ROLE_ASSISTANT } = common.Role;
    const history = said.map((text, index) => message(index % 2 === 0 ? ROLE_USER : ROLE_ASSISTANT, text));
    const input = [...history, message(ROLE_USER, '我叫什么？')];
    await caller.start(startRequest('', { model, input, store: false })).ended();
    expect(lastPrompt(fleet)[0]).toBe('你是一个有用的助手。用户的名字是小林。');
    const more = [...input, message(ROLE_ASSISTANT, 'Hello there'), message(ROLE_USER, '再说一遍？')];
    await caller.start(startRequest('', { model, input: more, store: false })).ended();
    const counted = fleet.model.counted.flatMap(({ texts }) => texts);
    expect(counted).toContain('讲个故事吧。');
    expect(new Set(counted).size).toBe(counted.length);
  });

  it('asks the model all the same when its tokens cannot be counted', async () => {
    await using fleet = await RunningFleet.start();
    fleet.model.countRefused = true;
    const caller = fleet.caller(await fleet.instance());
    const turn = await caller.start(startRequest('My name is Lena.', { model })).ended();
    expect(turn?.status).toBe(dialogue.TurnStatus.TURN_STATUS_COMPLETED);
    expect(lastPrompt(fleet)).toEqual(['You are a helpful assistant.', 'My name is Lena.']);
  });
});

describe('the shipped order desk', () => {
  it('takes an order over several turns without the model, across instances, and leaves the rest to it', async () => {
    await using fleet = await RunningFleet.start();
    const one = fleet.caller(await fleet.instance());
    const other = fleet.caller(await fleet.instance());
    const desk = 'assistant:order-desk';
    const [first] = await converse(one, desk, ['I want to order a pizza']);
    expect(textOf(first)).toMatch(/\?/);
    expect(fleet.model.generations).toEqual([]);
    const following = { model: desk, previousTurnId: first?.id ?? '' };
    const second = await other.start(startRequest('a medium Margherita', following)).ended();
    expect(second).toMatchObject({
      status: dialogue.TurnStatus.TURN_STATUS_COMPLETED,
      model: { name: 'parley-tiny' },
      usage: { inputTokens: 0, outputTokens: 0 },
      finishReason: common.FinishReason.FINISH_REASON_STOP,
    });
    expect(textOf(second)).toMatch(/\?/);
    const third = await one
      .start(
        startRequest('What is the capital of France?', { model: desk, previousTurnId: second?.id ?? '' }),
      )
      .ended();
    expect(fleet.model.generations).toHaveLength(1);
    expect(textOf(third)).toMatch(/^Hello there/);
    const { records } = await fleet.events.read(topics.conversation, '', 1_000);
    const ended = records.findLast(({ key }) => key === second?.id);
    expect(JSON.parse(ended?.data ?? '')).toMatchObject({
      assistant: 'order-desk',
      strategyTrace: [{ hook: 'input.received', strategy: 'guided-order', version: '1.0.0' }],
    });
  });
});
