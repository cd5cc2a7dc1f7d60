import { DocumentError } from '@parley/config';
import { documentFiles, readDocuments } from './documents.ts';
import { runProgram } from './service-programs.ts';

/** One thing wrong with a document: the line for people and, where it could be told apart, its parts. */
interface CheckFault {
  readonly text: string;
  readonly file?: string;
  readonly line?: number;
  readonly path?: string;
  readonly message?: string;
}

/** What was looked at and what is wrong with it. */
export interface CheckResult {
  readonly documents: readonly string[];
  readonly faults: readonly CheckFault[];
}

/**
 * Checks the documents of a config folder: their YAML here, and what they mean by the checkers of the services that
 * use them.
 * @param checkers scripts; each gets the folder, writes one fault a line as `file:line: path: message`, and ends with 1.
 * @throws ParleyError `config_invalid` when there is no such folder.
 */
export async function checkDocuments(configDir: string, checkers: readonly string[]): Promise<CheckResult> {
  const documents = documentFiles(configDir);
  const syntax = documents.flatMap(syntaxFaults);
  if (syntax.length > 0) return { documents, faults: syntax };
  const faults = await Promise.all(checkers.map((checker) => faultsByChecker(checker, configDir)));
  return { documents, faults: faults.flat() };
}

function syntaxFaults(file: string): CheckFault[] {
  try {
    readDocuments(file);
    return [];
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return error.message.split('\n').map(toFault);
  }
}

async function faultsByChecker(checker: string, configDir: string): Promise<CheckFault[]> {
  const { exitCode, stdout, stderr } = await runProgram(checker, [configDir]);
  if (exitCode === 0) return [];
  const lines = `${stdout}${stderr}`.split('\n').filter((line) => line.trim() !== '');
  return (lines.length > 0 ? lines : [`${checker} ended with exit code ${exitCode}.`]).map(toFault);
}

function toFault(text: string): CheckFault {
  const parts = /^(?<file>.+?):(?<line>\d+): (?:(?<path>[\w.[\]-]+): )?(?<message>.*)$/.exec(text)?.groups;
  if (parts === undefined) return { text };
  return {
    text,
    file: parts['file'] ?? '',
    line: Number(parts['line']),
    path: parts['path'] ?? '',
    message: parts['message'] ?? '',
  };
}
