import { toParleyError } from '@parley/kernel';
import { inspectFiles } from './inspect-files.ts';

/**
 * The program of a child process: reads the files whose paths are its arguments, each by itself, and writes a line of
 * JSON for each: what it says, or why it cannot be read.
 */
for (const path of process.argv.slice(2)) {
  try {
    process.stdout.write(`${JSON.stringify({ inspection: inspectFiles([path]) })}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ fault: toParleyError(error).message })}\n`);
  }
}
