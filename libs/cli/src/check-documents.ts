import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DocumentError } from '@parley/config';
import { parleyRoot } from '@parley/fleet';
import { documentFiles, readDocument } from './documents.ts';

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
 * Checks the documents of a config folder: their YAML here, and what they mean by the model service's own checker,
 * which is run as a program because libs never import a service.
 * @param checker its script; it gets the folder, writes one fault a line as `file:line: path: message`, and ends with 1.
 * @throws ParleyError `config_invalid` when there is no such folder.
 */
export function checkDocuments(
  configDir: string,
  checker = join(parleyRoot, 'services/model/dist/check-config.js'),
): CheckResult {
  const documents = documentFiles(configDir);
  const faults = documents.flatMap(syntaxFaults);
  return {
    documents,
    faults: faults.length > 0 || !existsSync(checker) ? faults : faultsByChecker(checker, configDir),
  };
}

function syntaxFaults(file: string): CheckFault[] {
  try {
    readDocument(file);
    return [];
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return error.message.split('\n').map(toFault);
  }
}

function faultsByChecker(checker: string, configDir: string): CheckFault[] {
  const args = ['--disable-warning=ExperimentalWarning', checker, configDir];
  const result = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (result.status === 0) return [];
  const lines = `${result.stdout ?? ''}${result.stderr ?? ''}`
    .split('\n')
    .filter((line) => line.trim() !== '');
  return (lines.length > 0 ? lines : [`${checker} ended with exit code ${result.status}.`]).map(toFault);
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
