import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TextPattern } from '../text-pattern.ts';
import { readFacts, remember, sayFacts } from './facts.ts';
import type { Fact, FactRules } from './facts.ts';

/** A pattern for tests; those of documents are RE2. */
function pattern(source: RegExp): TextPattern {
  return {
    matches: (text) =>
      Array.from(text.matchAll(source), (match) => ({
        start: match.index,
        end: match.index + match[0].length,
        groups: { ...match.groups },
      })),
  };
}

const rules: FactRules = {
  rules: [
    {
      name: 'name',
      say: { en: 'Their name is {value}.', 'zh-CN': '名字是{value}。' },
      learn: [pattern(/my name is (?<value>\w+)/g)],
      except: [pattern(/^what$/g)],
      forget: [pattern(/forget (that )?my name( is \w+)?/g)],
    },
    {
      name: 'favourite',
      say: { en: 'Their favourite {key} is {value}.' },
      learn: [pattern(/my favourite (?<key>\w+) is (?<value>[^.]+)/g)],
      except: [],
      forget: [pattern(/forget my favourite (?<key>\w+)/g), pattern(/forget my favourites/g)],
    },
  ],
  forgetAll: [pattern(/forget everything/g)],
  mostFacts: 4,
};

function known(...messages: string[]): string[] {
  const facts = messages.reduce<readonly Fact[]>((before, message) => remember(rules, before, message), []);
  return facts.map(({ rule, key, value }) => `${rule} ${key}=${value}`);
}

describe('facts', () => {
  it('are what the user tells, several in one message', () => {
    expect(known('my name is Lena. my favourite colour is  deep\n blue.')).toEqual([
      'name =Lena',
      'favourite colour=deep blue',
    ]);
  });

  it('are replaced by what is told later, also in the same message', () => {
    expect(known('my name is Lena', 'my name is Mia, sorry, my name is Zoe')).toEqual(['name =Zoe']);
    expect(known('my favourite colour is red.', 'my favourite Colour is blue.')).toEqual([
      'favourite colour=blue',
    ]);
  });

  it('are forgotten on request, one, all of a kind, or all', () => {
    const told = 'my name is Lena. my favourite colour is red. my favourite food is soup.';
    expect(known(told, 'forget my favourite colour')).toEqual(['name =Lena', 'favourite food=soup']);
    expect(known(told, 'forget my favourites')).toEqual(['name =Lena']);
    expect(known(told, 'forget everything')).toEqual([]);
    expect(known(told, 'forget my name. my name is Mia.').at(-1)).toBe('name =Mia');
  });

  it('are not learned from a request to forget them, nor where the value is no value', () => {
    expect(known('my name is Lena', 'forget that my name is Lena')).toEqual([]);
    expect(known('my name is what?')).toEqual([]);
    expect(known(`my favourite thing is ${'long '.repeat(30)}.`)).toEqual([]);
  });

  it('are told to the model in the language of the turn', () => {
    const facts = remember(rules, [], 'my name is $& {key}. my favourite colour is {value}.');
    expect(sayFacts(rules, facts, ['en'])).toEqual(['Their favourite colour is {value}.']);
    expect(sayFacts(rules, remember(rules, [], 'my name is Lena'), ['zh-CN'])).toEqual(['名字是Lena。']);
  });

  it('are read back as they were stored, and nothing else is', () => {
    const facts = remember(rules, [], 'my name is Lena');
    expect(readFacts(JSON.parse(JSON.stringify(facts)))).toEqual(facts);
    for (const other of [undefined, null, 'x', [1], [{ rule: 'name' }], { rule: 'a', key: '', value: '' }]) {
      expect(readFacts(other)).toBeUndefined();
    }
  });

  const messages = fc.array(
    fc.oneof(
      fc.tuple(fc.constantFrom('Ada', 'Bo', 'Cy')).map(([name]) => `my name is ${name}`),
      fc
        .tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.constantFrom('x', 'y'))
        .map(([key, value]) => `my favourite ${key} is ${value}`),
      fc.constantFrom('forget my name', 'forget my favourite a', 'forget my favourites', 'forget everything'),
      fc.string(),
    ),
    { maxLength: 20 },
  );

  it('are the same whether a conversation is heard turn by turn or replayed, and never too many or twice', () => {
    fc.assert(
      fc.property(messages, fc.nat({ max: 20 }), (said, cut) => {
        const hear = (from: readonly Fact[], some: readonly string[]) =>
          some.reduce<readonly Fact[]>((facts, message) => remember(rules, facts, message), from);
        const whole = hear([], said);
        const stored = readFacts(JSON.parse(JSON.stringify(hear([], said.slice(0, cut))))) ?? [];
        expect(hear(stored, said.slice(cut))).toEqual(whole);
        expect(whole.length).toBeLessThanOrEqual(rules.mostFacts);
        expect(new Set(whole.map(({ rule, key }) => `${rule} ${key}`)).size).toBe(whole.length);
      }),
    );
  });

  it('keep the name that was told last, whatever else is said after it', () => {
    const noise = fc.array(
      fc.string().filter((text) => !text.includes('forget') && !text.includes('my ')),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(messages, fc.constantFrom('Ada', 'Bo'), noise, (before, name, after) => {
        expect(known(...before, `my name is ${name}`, ...after).at(-1)).toBe(`name =${name}`);
      }),
    );
  });
});
