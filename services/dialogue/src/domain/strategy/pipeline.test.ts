import { describe, expect, it } from 'vitest';
import { says } from '../../../tests/support/test-dialogue.ts';
import { FakeDialogueWatch } from '../../ports/fake-dialogue-watch.ts';
import { Pipeline } from './pipeline.ts';
import type { Strategy } from './strategy.ts';

const conversation = { before: [], input: [says('Hi')], locales: ['en'] };
const request = {
  conversation,
  model: { name: 'm', digest: 'd', contextTokens: 100 },
  maxOutputTokens: 0,
  functions: '',
  tokens: {
    texts: () => Promise.resolve([]),
    overhead: () => Promise.resolve({ conversation: 0, perMessage: 0 }),
  },
};

function strategy(name: string, methods: Partial<Strategy>): Strategy {
  return { name, version: '1.0.0', digest: name, ...methods };
}

function broken(name: string): Strategy {
  const fault = () => {
    throw new Error('broken');
  };
  return strategy(name, { received: fault, build: () => Promise.reject(new Error('broken')) });
}

describe('the pipeline', () => {
  it('gives each strategy its own state and keeps what it made of it', async () => {
    const counts = (name: string) =>
      strategy(name, { received: (_, state) => ({ outcome: 'counted', state: Number(state ?? 0) + 1 }) });
    const pipeline = new Pipeline(new FakeDialogueWatch());
    const strategies = [counts('a'), counts('b')];
    const first = await pipeline.received(strategies, conversation, []);
    const second = await pipeline.received([...strategies, counts('c')], conversation, first.states);
    expect(second.states.map(({ strategy: name, data }) => [name, data])).toEqual([
      ['a', 2],
      ['b', 2],
      ['c', 1],
    ]);
    expect(second.states[0]).toMatchObject({ version: '1.0.0', digest: 'a' });
  });

  it('lets the first answer count, and everybody listen all the same', async () => {
    const answers = (answer: string) =>
      strategy(answer, { received: () => ({ outcome: 'answered', answer, state: answer }) });
    const received = await new Pipeline(new FakeDialogueWatch()).received(
      [answers('a'), answers('b')],
      conversation,
      [],
    );
    expect(received.answer).toBe('a');
    expect(received.states).toHaveLength(2);
  });

  it('builds the prompt by one strategy after the other', async () => {
    const adds = (name: string) =>
      strategy(name, {
        build: ({ context }) =>
          Promise.resolve({ ...context, outcome: 'added', instructions: context.instructions + name }),
      });
    const start = { instructions: '>', items: conversation.input };
    const built = await new Pipeline(new FakeDialogueWatch()).build(
      [adds('a'), adds('b')],
      start,
      [],
      request,
    );
    expect(built.context).toEqual({ instructions: '>ab', items: conversation.input });
    expect(built.steps.map(({ hook, outcome }) => `${hook} ${outcome}`)).toEqual([
      'context.build added',
      'context.build added',
    ]);
  });

  it('leaves out a strategy that fails, keeps its state, and tells of it', async () => {
    const watch = new FakeDialogueWatch();
    const pipeline = new Pipeline(watch);
    const whole = strategy('whole', { received: () => ({ outcome: 'heard', state: 'new' }) });
    const old = { strategy: 'bad', version: '0', digest: 'x', data: 'old' };
    const received = await pipeline.received([broken('bad'), whole], conversation, [old]);
    expect(received.states.map(({ data }) => data)).toEqual(['old', 'new']);
    expect(received.steps.map(({ outcome }) => outcome)).toEqual(['failed', 'heard']);
    const start = { instructions: 'Help.', items: [] };
    const built = await pipeline.build([broken('bad')], start, received.states, request);
    expect(built.context).toEqual(start);
    expect(watch.told).toEqual([
      'bad failed at input.received',
      'strategy failed bad at input.received',
      'whole heard at input.received',
      'bad failed at context.build',
      'strategy failed bad at context.build',
    ]);
  });

  it('says afterwards what strategies want said, in their order', async () => {
    const pipeline = new Pipeline(new FakeDialogueWatch());
    const by = { name: 'flow', version: '2.0.0' };
    const asks = strategy('flows', {
      received: () => ({ outcome: 'parked', by, afterwards: 'Which size?' }),
    });
    const delivered = pipeline.delivered(await pipeline.received([asks, asks], conversation, []));
    expect(delivered.text).toBe('Which size?\n\nWhich size?');
    expect(delivered.steps[0]).toMatchObject({ hook: 'output.deliver', strategy: 'flow', version: '2.0.0' });
  });
});
