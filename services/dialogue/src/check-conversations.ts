import { readDocuments } from '@parley/config';
import type { DocumentFault, LoadedDocument } from '@parley/config';
import { assistantKind } from './adapters/outbound/documents/assistant-schema.ts';
import { compileDocuments, dialogueKinds } from './adapters/outbound/documents/compile-documents.ts';
import { memoryStrategyKind } from './adapters/outbound/documents/memory-strategy-schema.ts';
import type { OwnTestResult } from './adapters/outbound/documents/own-tests.ts';
import { runTestProgram, wantedFiles } from './document-test-program.ts';
import type { CheckedTest } from './document-test-program.ts';

const folders = [assistantKind.folder, memoryStrategyKind.folder].map((folder) => `${folder}/`);

/**
 * Runs the tests of assistants and memory strategies: `check-conversations.js CONFIG_FOLDER [FILE…]`; no file = every
 * one. Prints one JSON object a line; exit code 1 when a document has a fault or a test fails.
 */
async function checkConversations(
  configDir: string,
  files: readonly string[],
): Promise<readonly CheckedTest[]> {
  const wanted = wantedFiles(configDir, files);
  const isWanted = ({ file }: { file: string }): boolean =>
    folders.some((folder) => file.startsWith(folder)) && (wanted.size === 0 || wanted.has(file));
  const read = await readDocuments(configDir, dialogueKinds);
  const tested = new Map<LoadedDocument, readonly OwnTestResult[]>();
  const compiled = await compileDocuments(read.documents, (document, results) =>
    tested.set(document, results),
  );
  const faults = [...read.faults, ...compiled.faults.filter(({ path }) => !path.startsWith('tests['))];
  const known = new Set([...read.documents, ...faults].map(({ file }) => file));
  const absent = [...wanted].filter((file) => !known.has(file));
  const untested = read.documents.filter(
    (document) => !tested.has(document) && !faults.some(({ file }) => file === document.file),
  );
  return [
    ...absent.map((file) => faulty({ file, line: 1 }, 'is no document of this folder')),
    ...faults.filter(isWanted).map((fault) => faulty(fault, detailOf(fault))),
    ...untested.filter(isWanted).map((document) => notTested(document)),
    ...Array.from(tested).flatMap(([document, results]) =>
      isWanted(document) ? results.map((result) => checked(document, result)) : [],
    ),
  ];
}

function checked({ file, name }: LoadedDocument, { name: test, line, faults }: OwnTestResult): CheckedTest {
  return { file, line, flow: name, test, ok: faults.length === 0, detail: faults.map(detailOf).join('; ') };
}

function notTested({ file, name, parsed }: LoadedDocument): CheckedTest {
  const line = parsed.lineOf(['spec']);
  return { ...faulty({ file, line }, 'is not tested: what it refers to is at fault'), flow: name };
}

function faulty({ file, line }: { file: string; line: number }, detail: string): CheckedTest {
  return { file, line, flow: '', test: '', ok: false, detail };
}

function detailOf({ path, message }: DocumentFault): string {
  return path === '' ? message : `${path}: ${message}`;
}

await runTestProgram('check-conversations.js', checkConversations);
