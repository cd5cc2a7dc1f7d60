import { chmod, writeFile } from 'node:fs/promises';

/** Writes a program that stands for Python and its pip: it tells its arguments to `<path>.calls`, then does as told. */
async function program(path: string, body: string): Promise<string> {
  await writeFile(path, `#!/bin/sh\necho "$@" >> ${path}.calls\n${body}\n`);
  await chmod(path, 0o700);
  return path;
}

/** A pip that finds every package at one address. */
export function pipThatFinds(path: string, url: string, sha256: string): Promise<string> {
  const info = { url, archive_info: { hash: `sha256=${sha256}`, hashes: { sha256 } } };
  const report = { version: '1', install: [{ download_info: info, is_direct: false }] };
  return program(path, `cat <<'EOF'\n${JSON.stringify(report)}\nEOF`);
}

/** A pip that ends with an error. */
export function pipThatSays(path: string, complaint: string): Promise<string> {
  return program(path, `echo "WARNING: something" >&2\necho "${complaint}" >&2\nexit 1`);
}

/** A pip that never ends. */
export function pipThatHangs(path: string): Promise<string> {
  return program(path, 'exec sleep 600');
}
