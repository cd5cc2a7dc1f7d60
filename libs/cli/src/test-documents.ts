import { relative, sep } from 'node:path';
import { runProgram } from './service-programs.ts';
import type { DocumentTester } from './service-programs.ts';

/** How one test of a document went. */
export interface DocumentTest {
  /** Relative to the configuration folder. */
  readonly file: string;
  /** Where the test stands, from 1; 0 = not known. */
  readonly line: number;
  /** The document's name. */
  readonly flow: string;
  /** '' = the document itself. */
  readonly test: string;
  readonly ok: boolean;
  /** What was expected and what came instead; '' when it went well. */
  readonly detail: string;
}

/** All tests, and lines of the programs that tell of no test, such as documents that are not valid. */
export interface TestResult {
  readonly tests: readonly DocumentTest[];
  readonly faults: readonly string[];
}

/**
 * Runs the tests of the documents of a config folder.
 * @param files only these; none = all
 * @param testers each gets the folder and its files, and writes a line of JSON for each test.
 */
export async function testDocuments(
  configDir: string,
  files: readonly string[],
  testers: readonly DocumentTester[],
): Promise<TestResult> {
  const claimed = testers.flatMap(({ folders }) => folders ?? []);
  const runs = testers.flatMap(({ script, folders }) => {
    const isMine = (file: string): boolean => {
      const folder = relative(configDir, file).split(sep)[0] ?? '';
      return folders === undefined ? !claimed.includes(folder) : folders.includes(folder);
    };
    const mine = files.filter(isMine);
    return files.length > 0 && mine.length === 0 ? [] : [resultOf(script, configDir, mine)];
  });
  const results = await Promise.all(runs);
  return { tests: results.flatMap(({ tests }) => tests), faults: results.flatMap(({ faults }) => faults) };
}

async function resultOf(script: string, configDir: string, files: readonly string[]): Promise<TestResult> {
  const { exitCode, stdout, stderr } = await runProgram(script, [configDir, ...files]);
  const lines = linesOf(stdout).map((line) => ({ line, test: parseTest(line) }));
  const tests = lines.flatMap(({ test }) => test ?? []);
  if (exitCode === 0) return { tests, faults: [] };
  const faults = [
    ...lines.filter(({ test }) => test === undefined).map(({ line }) => line),
    ...linesOf(stderr),
  ];
  const isUnexplained = faults.length === 0 && tests.every(({ ok }) => ok);
  return { tests, faults: isUnexplained ? [`${script} ended with exit code ${exitCode}.`] : faults };
}

function parseTest(line: string): DocumentTest | undefined {
  try {
    const test = JSON.parse(line) as Partial<DocumentTest>;
    if (typeof test.file !== 'string' || typeof test.ok !== 'boolean') return undefined;
    const { file, line: at = 0, flow = '', test: name = '', ok, detail = '' } = test;
    return { file, line: at, flow, test: name, ok, detail };
  } catch {
    return undefined;
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}
