import type { FileDigest, FileDigests } from './file-digests.ts';

/** Digests that follow from the path: every path is a file. */
export class FakeFileDigests implements FileDigests {
  digest(path: string): Promise<FileDigest> {
    return Promise.resolve({ sha256: fakeDigest(path), bytes: path.length });
  }

  whole(parts: readonly FileDigest[]): FileDigest {
    const sha256 = fakeDigest(parts.map((part) => part.sha256.slice(-8)).join(''));
    return { sha256, bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0) };
  }
}

/** The digest that the fake gives a path. */
export function fakeDigest(path: string): string {
  const hex = Array.from(path, (letter) => (letter.codePointAt(0) ?? 0).toString(16)).join('');
  return hex.padEnd(64, '0').slice(0, 64);
}
