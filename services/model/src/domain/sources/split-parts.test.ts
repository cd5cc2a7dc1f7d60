import { describe, expect, it } from 'vitest';
import { parseSource } from './file-source.ts';
import { partName, partSources, splitPart } from './split-parts.ts';

describe('a split file', () => {
  it('is known by its name', () => {
    expect(splitPart('dir/big-Q4-00002-of-00010.gguf')).toEqual({ stem: 'dir/big-Q4', index: 2, count: 10 });
    expect(partName('big', 2, 10)).toBe('big-00002-of-00010.gguf');
    const others = ['big.gguf', 'big-00000-of-00002.gguf', 'big-00003-of-00002.gguf', 'big-1-of-2.gguf'];
    expect(others.map(splitPart)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it.each([
    ['hf:org/repo/q/m-00002-of-00002.gguf@v1', 'hf:org/repo/q/m-00001-of-00002.gguf@v1'],
    ['https://x.example/a/m-00002-of-00002.gguf?k=1', 'https://x.example/a/m-00001-of-00002.gguf'],
    ['file:///models/m-00002-of-00002.gguf', 'file:///models/m-00001-of-00002.gguf'],
    ['pypi:a==1#b/m-00002-of-00002.gguf', 'pypi:a==1#b/m-00001-of-00002.gguf'],
  ])('is all its parts, whichever one is named: %s', (named, first) => {
    const parts = partSources(parseSource(named));
    expect(parts.map(({ text }) => text)).toEqual([first, parseSource(named).text]);
    expect(parts[1]).toEqual(parseSource(named));
  });

  it('keeps what its address carries beside the path', () => {
    const [first] = partSources(parseSource('https://x.example/m-00002-of-00002.gguf?k=1'));
    expect(first).toMatchObject({ url: 'https://x.example/m-00001-of-00002.gguf?k=1' });
  });
});
