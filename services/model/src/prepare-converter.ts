import { toParleyError } from '@parley/kernel';
import { readConfig } from './config.ts';
import { llamaConverter } from './converter.ts';

/** Puts the converter and its Python packages in place, as the first conversion would. A fault is one line on stderr. */
const say = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  const { signal } = new AbortController();
  const progress = { signal, stage: say, note: say, share: () => undefined };
  await llamaConverter(readConfig()).prepare(progress);
} catch (error) {
  process.stderr.write(`${toParleyError(error).message}\n`);
  process.exitCode = 1;
}
