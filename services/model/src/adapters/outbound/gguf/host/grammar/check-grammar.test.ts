import { describe, expect, it } from 'vitest';
import { checkGrammar } from './check-grammar.ts';

const nested = (depth: number): string => `root ::= ${'('.repeat(depth)}"a"${')'.repeat(depth)}`;

describe('a grammar', () => {
  it('may nest some brackets, and hold any number of them as text', () => {
    checkGrammar(nested(16));
    checkGrammar(
      `root ::= "${'('.repeat(1000)}" [(((((((((((((((((((((] "\\"((((((((((((((((((" # (((((((((((((((((((`,
    );
  });

  it('is refused when it would end the process that reads it', () => {
    expect(() => checkGrammar(nested(17))).toThrow('nests brackets deeper than 16');
    expect(() => checkGrammar(nested(20_000))).toThrow('longer than 16384');
  });
});
