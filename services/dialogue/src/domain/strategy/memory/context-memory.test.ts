import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { says } from '../../../../tests/support/test-dialogue.ts';
import { textOf } from '../../turn/turn.ts';
import type { Item, Speaker } from '../../turn/turn.ts';
import type { ConversationTokens } from '../conversation-tokens.ts';
import type { ContextRequest, JsonValue } from '../strategy.ts';
import { ContextMemory } from './context-memory.ts';
import type { MemorySpec } from './context-memory.ts';
import { exchangesOf } from './window.ts';

const rules = {
  rules: [
    {
      name: 'name',
      say: { en: 'The user is {value}.' },
      learn: [
        {
          matches: (text: string) =>
            Array.from(text.matchAll(/I am (\w+)/g), (match) => ({
              start: match.index,
              end: match.index + match[0].length,
              groups: { value: match[1] ?? '' },
            })),
        },
      ],
      except: [],
      forget: [],
    },
  ],
  forgetAll: [],
  mostFacts: 10,
};

/** A token per character. */
const tokens: ConversationTokens = {
  texts: (texts) => Promise.resolve(texts.map((text) => text.length)),
  overhead: () => Promise.resolve({ conversation: 5, perMessage: 3 }),
};

function memory(spec: Partial<MemorySpec> = {}): ContextMemory {
  return new ContextMemory({
    name: 'memory',
    version: '1.0.0',
    digest: 'd',
    inputShare: 0.5,
    reserveOutput: 10,
    facts: { rules, mostTokens: 50 },
    window: { mostTokens: Infinity, mostTurns: Infinity },
    ...spec,
  });
}

function request(
  items: readonly Item[],
  contextTokens: number,
  more: Partial<ContextRequest> = {},
): ContextRequest {
  return {
    context: { instructions: 'Help.', items },
    conversation: { before: [], input: items, locales: ['en'] },
    state: undefined,
    model: { name: 'm', digest: 'd', contextTokens },
    maxOutputTokens: 0,
    functions: '',
    tokens,
    ...more,
  };
}

const lena: JsonValue = [{ rule: 'name', key: '', value: 'Lena' }];

describe('context memory', () => {
  it('learns what the user tells, and replays a conversation that it has no state of', async () => {
    const before = [says('I am Lena'), says('I am Parley', 'assistant')];
    const hears = memory();
    const input = [says('Hello')];
    expect(await hears.received({ before, input, locales: [] }, undefined)).toEqual({
      outcome: 'learned',
      state: lena,
    });
    expect(await hears.received({ before, input, locales: [] }, [])).toEqual({
      outcome: 'unchanged',
      state: [],
    });
    const mia = await hears.received({ before, input: [says('I am Mia')], locales: [] }, lena);
    expect(mia.state).toEqual([{ rule: 'name', key: '', value: 'Mia' }]);
  });

  it('tells the model the facts after the instructions', async () => {
    const built = await memory().build(request([says('Who am I?')], 1_000, { state: lena }));
    expect(built.instructions).toBe('Help. The user is Lena.');
    const long = { instructions: 'Help.\nAlways.', items: [] };
    const other = await memory().build(request([], 1_000, { state: lena, context: long }));
    expect(other.instructions).toBe('Help.\nAlways.\n\nThe user is Lena.');
  });

  it('tells the newest facts where not all may be told', async () => {
    const more = [...lena, { rule: 'name', key: 'b', value: 'Mia' }];
    const built = await memory({ facts: { rules, mostTokens: 20 } }).build(
      request([], 1_000, { state: more }),
    );
    expect(built.instructions).toBe('Help. The user is Mia.');
  });

  it('keeps room for the answer that is asked for, but at most half of the context', async () => {
    const items = Array.from({ length: 10 }, (_, index) =>
      says(String(index).repeat(17), index % 2 === 0 ? 'user' : 'assistant'),
    );
    const kept = async (contextTokens: number, maxOutputTokens: number) =>
      (await memory({ inputShare: 1 }).build(request(items, contextTokens, { maxOutputTokens }))).items
        .length;
    expect(await kept(223, 10)).toBe(10);
    expect(await kept(223, 50)).toBe(8);
    expect(await kept(223, 1_000)).toBe(4);
    expect(await kept(0, 1_000)).toBe(10);
  });

  it('keeps room for the functions that the model is told of', async () => {
    const items = Array.from({ length: 10 }, (_, index) =>
      says(String(index).repeat(17), index % 2 === 0 ? 'user' : 'assistant'),
    );
    const kept = async (functions: string) =>
      (await memory({ inputShare: 1 }).build(request(items, 223, { maxOutputTokens: 10, functions }))).items
        .length;
    expect(await kept('')).toBe(10);
    expect(await kept('x'.repeat(40))).toBe(8);
  });

  it('keeps at most so many turns, and always what the user says now', async () => {
    const items = [
      says('A'),
      says('B', 'assistant'),
      says('C'),
      says('D', 'assistant'),
      says('E'.repeat(100)),
    ];
    const window = { mostTokens: 50, mostTurns: 2 };
    const texts = async (some: readonly Item[]) =>
      (await memory({ window }).build(request(some, 10_000))).items.map(textOf);
    expect(await texts(items.slice(0, 4))).toEqual(['A', 'B', 'C', 'D']);
    expect(await texts([...items.slice(0, 4), says('F')])).toEqual(['C', 'D', 'F']);
    expect(await texts(items)).toEqual(['E'.repeat(100)]);
    const wide = { mostTokens: Infinity, mostTurns: 1 };
    const narrowed = memory({ window }).narrowed(wide);
    expect((await narrowed.build(request(items.slice(0, 4), 10_000))).items.map(textOf)).toEqual(['C', 'D']);
  });

  const item = fc
    .tuple(fc.constantFrom<Speaker>('user', 'assistant', 'system'), fc.string({ maxLength: 30 }))
    .map(([role, text]) => says(text, role));

  it('never splits an exchange, never exceeds the budget, and drops the oldest first', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(item, { maxLength: 60 }),
        fc.integer({ min: 40, max: 600 }),
        async (items, contextTokens) => {
          const built = await memory({ inputShare: 0.75 }).build(
            request(items, contextTokens, { state: lena }),
          );
          const all = exchangesOf(items);
          const kept = exchangesOf(built.items);
          expect(kept.pinned).toEqual(all.pinned);
          const count = kept.exchanges.length;
          expect(kept.exchanges).toEqual(all.exchanges.slice(all.exchanges.length - count));
          expect(count).toBeGreaterThanOrEqual(Math.min(1, all.exchanges.length));
          expect(built.items).toEqual(items.filter((one) => built.items.includes(one)));
          const size = [built.instructions, ...built.items.map(textOf)].reduce(
            (sum, text) => sum + text.length + 3,
            5,
          );
          if (count > 1) expect(size).toBeLessThanOrEqual(Math.floor(contextTokens * 0.75));
          expect(built.instructions).toContain('Lena');
        },
      ),
    );
  });
});
