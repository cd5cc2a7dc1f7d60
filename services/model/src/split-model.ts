import { mkdirSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { splitGguf } from './adapters/outbound/gguf/file/split-gguf.ts';

/**
 * Splits a GGUF file: `split-model.js FILE --parts 4 [--out FOLDER]`; a line for each part. A fault is one line on
 * stderr and exit code 1.
 */
function split(file: string, parts: string, out: string): void {
  if (!/^[1-9]\d{0,4}$/.test(parts))
    throw new Error(`--parts must be a whole number from 1 to 99999, not ${parts}.`);
  mkdirSync(out, { recursive: true });
  splitGguf(file, {
    parts: Number(parts),
    folder: out,
    onPart: ({ path, bytes, sha256 }) =>
      process.stdout.write(`${basename(path)}  ${bytes} bytes  sha256 ${sha256.slice(0, 12)}…\n`),
  });
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { parts: { type: 'string', default: '2' }, out: { type: 'string' } },
});
const [file] = positionals;
if (file === undefined) {
  process.stderr.write('Usage: split-model.js FILE --parts 4 [--out FOLDER]\n');
  process.exitCode = 2;
} else {
  try {
    split(resolve(file), values.parts, resolve(values.out ?? dirname(file)));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
