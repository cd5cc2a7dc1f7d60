import { DocumentError, documentsOf, readDocuments } from '@parley/config';
import type { DocumentFault, LoadedDocument } from '@parley/config';
import { compileFlow } from './adapters/outbound/documents/flow-compiler.ts';
import { flowKind } from './adapters/outbound/documents/flow-schema.ts';
import type { FlowDocument } from './adapters/outbound/documents/flow-schema.ts';
import { runFlowTests } from './domain/flow/run-flow-tests.ts';
import { runTestProgram, wantedFiles } from './document-test-program.ts';
import type { CheckedTest } from './document-test-program.ts';

/**
 * Runs the tests of flow documents: `check-flows.js CONFIG_FOLDER [FILE…]`; no file = every one. Prints one JSON object
 * a line; exit code 1 when a document has a fault or a test fails.
 */
async function checkFlows(configDir: string, files: readonly string[]): Promise<readonly CheckedTest[]> {
  const wanted = wantedFiles(configDir, files);
  const isWanted = ({ file }: { file: string }): boolean => wanted.size === 0 || wanted.has(file);
  const read = await readDocuments(configDir, [flowKind]);
  const documents = documentsOf(read.documents, flowKind).filter(isWanted);
  const known = new Set([...read.documents, ...read.faults].map(({ file }) => file));
  const absent = [...wanted].filter((file) => !known.has(file));
  return [
    ...absent.map((file) =>
      faulty({ file, line: 1, path: '', message: 'is no flow document of this folder' }),
    ),
    ...read.faults.filter(isWanted).map((fault) => faulty(fault)),
    ...documents.flatMap(checkDocument),
  ];
}

function checkDocument(document: LoadedDocument<FlowDocument>): readonly CheckedTest[] {
  try {
    return runFlowTests(compileFlow(document)).map(({ index, name, ok, detail }) => {
      const line = document.parsed.lineOf(['tests', index]);
      return { file: document.file, line, flow: document.name, test: name, ok, detail };
    });
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return error.faults.map((fault) => faulty(fault, document.name));
  }
}

function faulty({ file, line, path, message }: DocumentFault, flow = ''): CheckedTest {
  return { file, line, flow, test: '', ok: false, detail: path === '' ? message : `${path}: ${message}` };
}

await runTestProgram('check-flows.js', checkFlows);
