import { describe, expect, it } from 'vitest';
import { findLibrary, requireKnownLibrary } from './llama-library.ts';
import { WritingWords } from './writing-words.ts';

const known = { file: 'libllama.v0.5.0.so', version: '0.5.0-dev', structBytes: 64, defaultFileType: 7 };

describe('the library of llama.cpp', () => {
  it('is found in the package of this machine', () => {
    expect(findLibrary()).toMatch(/node_modules.*llama[\w.-]*\.(so|dylib|dll)$/);
  });

  it('is missed with the packages that were looked at', () => {
    expect(() => findLibrary(['@node-llama-cpp/none'])).toThrow(
      'was found in @node-llama-cpp/none. Reinstall',
    );
  });

  it.each([
    ['of another version', { version: '0.6.0' }, 'it is version 0.6.0'],
    ['of a version that only begins alike', { version: '0.5.01' }, 'it is version 0.5.01'],
    ['of no version', { version: '' }, 'it is version (none)'],
    ['with another structure', { structBytes: 72 }, 'its parameters take 72 bytes here'],
    ['with its fields in other places', { defaultFileType: 0 }, 'its default parameters are not where'],
  ])('%s is not called', (_, change, said) => {
    expect(() => requireKnownLibrary({ ...known, ...change })).toThrow(said);
  });

  it('that is known is called', () => {
    expect(() => requireKnownLibrary(known)).not.toThrow();
    expect(() => requireKnownLibrary({ ...known, version: '0.5.0' })).not.toThrow();
  });
});

describe('what llama.cpp says', () => {
  it('tells how far it is, what the weights are and what they come to, in pieces of lines', () => {
    const shares: number[] = [];
    const words = new WritingWords((share) => shares.push(share));
    words.hear(
      '[   1/ 4] output_norm.weight - [   576,      1,      1,      1], type =    f32, size =    0.002 MiB\n[ ',
    );
    words.hear(
      '  2/ 4] blk.0.attn_k.weight - [   576,    192,      1,      1], type =   q4_1, converting to',
    );
    words.hear(' q4_0 .. size =     0.07 MiB ->     0.06 MiB\n');
    words.hear('llama_model_quantize_impl: model size  =    92.00 MiB (5.74 BPW)\n');
    words.hear('llama_model_quantize_impl: quant size  =    85.50 MiB (5.35 BPW)\n');
    expect(shares).toEqual([0.25, 0.5]);
    expect(words).toMatchObject({ formats: ['q4_1'], bytes: 85.5 * 1024 ** 2, sourceBytes: 92 * 1024 ** 2 });
  });

  it('names the reason without the folders of this machine', () => {
    const words = new WritingWords(() => undefined);
    words.hear(
      'llama_model_quantize: failed to quantize: failed to load model from /home/me/models/x.gguf\n',
    );
    expect(words.fault).toBe('failed to load model from x.gguf');
  });
});
