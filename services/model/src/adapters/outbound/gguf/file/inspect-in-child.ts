import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ParleyError } from '@parley/kernel';
import type { ModelInspection, WeightPrecision } from '../../../../ports/model-files.ts';
import { precisionOf } from '../weights/precision.ts';

/** What a file says about itself, or why it cannot be read. */
type Reading = { readonly inspection: ModelInspection } | { readonly fault: string };

const run = promisify(execFile);
const fromSource = import.meta.url.endsWith('.ts');
const entry = fileURLToPath(new URL(fromSource ? './main.ts' : './main.js', import.meta.url));
const execArgv = [
  '--disable-warning=ExperimentalWarning',
  ...(fromSource ? ['--conditions=@parley/source'] : []),
];
const timeLimitMs = 120_000;
const mostOutputBytes = 64 * 1024 ** 2;

/**
 * Makes sure that files can be read as GGUF at all, in a child process that costs a tenth of one with native code.
 * @throws ParleyError `config_invalid` that names the file and says what is wrong; the signal's reason.
 */
export async function requireReadable(paths: readonly string[], signal: AbortSignal): Promise<void> {
  for (const reading of await readInChild(paths, signal))
    if ('fault' in reading) throw new ParleyError('config_invalid', reading.fault);
}

/**
 * How files are written: their precision by their path; a file that cannot be read has none.
 * @throws the signal's reason.
 */
export async function readPrecisions(
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, WeightPrecision | undefined>> {
  const readings = await readInChild(paths, signal);
  return new Map(
    paths.map((path, at) => {
      const reading = readings[at];
      const inspection = reading !== undefined && 'inspection' in reading ? reading.inspection : undefined;
      return [path, precisionOf(inspection?.quantization ?? '')];
    }),
  );
}

/** @throws ParleyError `engine_failed` when the child does not end well. */
async function readInChild(paths: readonly string[], signal: AbortSignal): Promise<Reading[]> {
  try {
    const { stdout } = await run(process.execPath, [...execArgv, entry, ...paths], {
      signal,
      timeout: timeLimitMs,
      maxBuffer: mostOutputBytes,
    });
    const lines = stdout.trim().split('\n');
    return lines.map((line) => JSON.parse(line) as Reading);
  } catch (error) {
    signal.throwIfAborted();
    const message = 'The process that reads the headers of weights files did not end well.';
    throw new ParleyError('engine_failed', message, { cause: error });
  }
}
