import { describe, expect, it } from 'vitest';
import { parseModelSource } from './model-source.ts';

describe('what a model is pulled by', () => {
  it('may be a repository, with or without quantisation and revision', () => {
    const repository = { kind: 'repository', repository: 'org/repo' };
    const of = (text: string) => parseModelSource(text);
    expect(of('hf:org/repo')).toMatchObject({ ...repository, quantisation: '', revision: 'main' });
    expect(of('hf:org/repo:Q4_K_M')).toMatchObject({ ...repository, quantisation: 'Q4_K_M' });
    expect(of('hf:org/repo:Q8_0@v1.2')).toMatchObject({ quantisation: 'Q8_0', revision: 'v1.2' });
    expect(of('hf:org/repo@refs/pr/3')).toMatchObject({ quantisation: '', revision: 'refs/pr/3' });
  });

  it('may be a file, or a model of another program', () => {
    expect(parseModelSource('hf:org/repo/file.gguf@v1')).toMatchObject({ kind: 'hf', file: 'file.gguf' });
    expect(parseModelSource('ollama:me/qwen3:0.6b')).toMatchObject({
      kind: 'local',
      program: 'ollama',
      name: 'me/qwen3:0.6b',
    });
    expect(parseModelSource('LMStudio:a/b/c.gguf')).toMatchObject({
      program: 'lmstudio',
      name: 'a/b/c.gguf',
    });
  });

  it.each([
    'hf:org',
    'hf:org/..',
    'hf:org/repo:',
    'hf:org/repo:a b',
    'hf:org/repo@../x',
    'ollama:',
    'ftp://x',
    'docker:x',
  ])('is not: %s', (text) => {
    expect(() => parseModelSource(text)).toThrow(
      expect.objectContaining({ code: 'invalid_request', message: expect.stringContaining('hf:ORG/REPO') }),
    );
  });
});
