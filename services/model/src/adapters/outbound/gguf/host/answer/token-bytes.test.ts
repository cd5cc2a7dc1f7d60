import { describe, expect, it } from 'vitest';
import { TokenBytes, tokenAttribute } from './token-bytes.ts';

function vocabulary(
  type: string,
  tokens: readonly (readonly [spelling: string, attributes: number])[],
): TokenBytes {
  return new TokenBytes({
    type,
    spelling: (token) => tokens[token]?.[0] ?? '',
    attributes: (token) => tokens[token]?.[1] ?? 0,
    text: (token) => `text of ${token}`,
  });
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

describe('the bytes of tokens', () => {
  it('come from the stand-ins of byte-level vocabularies', () => {
    const bytes = vocabulary('bpe', [
      ['ĠParis', tokenAttribute.normal],
      ['Ċ', tokenAttribute.normal],
      ['ä½ł', tokenAttribute.normal],
      ['ä½', tokenAttribute.normal],
    ]);
    expect([0, 1, 2].map((token) => text(bytes.of(token)))).toEqual([' Paris', '\n', '你']);
    expect([...bytes.of(3)]).toEqual([0xe4, 0xbd]);
  });

  it('come from pieces and byte tokens of SentencePiece vocabularies', () => {
    const bytes = vocabulary('spm', [
      ['▁Paris', tokenAttribute.normal],
      ['<0xE4>', tokenAttribute.byte],
    ]);
    expect(text(bytes.of(0))).toBe(' Paris');
    expect([...bytes.of(1)]).toEqual([0xe4]);
  });

  it('are none for tokens that control the model or are not used', () => {
    const bytes = vocabulary('bpe', [
      ['<|im_end|>', tokenAttribute.control],
      ['<unk>', tokenAttribute.unknown],
      ['[pad7]', tokenAttribute.unused],
    ]);
    expect([0, 1, 2].map((token) => bytes.of(token).length)).toEqual([0, 0, 0]);
  });

  it('are the spelling of tokens that a vocabulary adds for users', () => {
    expect(text(vocabulary('bpe', [['<tool> x', tokenAttribute.userDefined]]).of(0))).toBe('<tool> x');
  });

  it('are what the engine says where the spelling is not known here', () => {
    expect(text(vocabulary('rwkv', [['?', tokenAttribute.normal]]).of(0))).toBe('text of 0');
  });
});
