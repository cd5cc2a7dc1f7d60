import { relative, resolve } from 'node:path';

/** How one test of a document went: one line of what a program that runs them prints. */
export interface CheckedTest {
  /** Relative to the configuration folder. */
  readonly file: string;
  readonly line: number;
  /** The document's name. */
  readonly flow: string;
  /** '' = the document itself. */
  readonly test: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Files that were asked for, as documents name them; none = every one. */
export function wantedFiles(configDir: string, files: readonly string[]): ReadonlySet<string> {
  return new Set(files.map((file) => relative(resolve(configDir), resolve(file))));
}

/**
 * The program `NAME CONFIG_FOLDER [FILE…]`: prints one JSON object a line; exit code 1 when one is not ok, 2 without a
 * folder.
 */
export async function runTestProgram(
  name: string,
  check: (configDir: string, files: readonly string[]) => Promise<readonly CheckedTest[]>,
): Promise<void> {
  const [configDir, ...files] = process.argv.slice(2);
  if (configDir === undefined) {
    process.stderr.write(`Usage: ${name} CONFIG_FOLDER [FILE…]\n`);
    process.exitCode = 2;
    return;
  }
  const tests = await check(configDir, files);
  for (const test of tests) process.stdout.write(`${JSON.stringify(test)}\n`);
  if (tests.some(({ ok }) => !ok)) process.exitCode = 1;
}
