import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Rules of the code style that no linter here knows. */
const root = join(import.meta.dirname, '..');

const sources = ['libs', 'services'].flatMap((group) =>
  readdirSync(join(root, group), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/(^|\/)(dist|gen|node_modules)\//.test(path))
    .map((path) => join(group, path)),
);

function linesMatching(pattern: RegExp, files: readonly string[]): string[] {
  return files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
}

describe('the sources', () => {
  it('are found', () => {
    expect(sources.length).toBeGreaterThan(20);
  });

  it('declare no enum', () => {
    expect(linesMatching(/^\s*(export\s+)?(const\s+)?enum\s/, sources)).toEqual([]);
  });

  it('re-export nothing wholesale', () => {
    expect(linesMatching(/^export \* from/, sources)).toEqual([]);
  });

  it('keep index files at the roots of libs', () => {
    const barrels = sources.filter(
      (file) => file.endsWith('/index.ts') && !/^libs\/[^/]+\/src\/index\.ts$/.test(file),
    );
    expect(barrels).toEqual([]);
  });

  it('keep every main.ts within 40 lines', () => {
    const long = sources
      .filter((file) => /^services\/[^/]+\/src\/main\.ts$/.test(file))
      .filter((file) => readFileSync(join(root, file), 'utf8').trimEnd().split('\n').length > 40);
    expect(long).toEqual([]);
  });

  it('leave nothing half-said', () => {
    const words = /\b(TODO|FIXME|XXX)\b/;
    expect(linesMatching(words, sources)).toEqual([]);
  });
});
