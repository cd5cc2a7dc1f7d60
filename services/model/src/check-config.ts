import { DocumentError } from '@parley/config';
import { engineNames } from './adapters/outbound/engines.ts';
import { readModelDocuments } from './adapters/outbound/model-documents.ts';

/** Checks the model documents of a config folder: `check-config.js FOLDER`; one fault a line, exit code 1. */
const folder = process.argv[2];
if (folder === undefined) {
  process.stderr.write('Usage: check-config.js CONFIG_FOLDER\n');
  process.exitCode = 2;
} else {
  try {
    readModelDocuments(folder, '', engineNames);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    process.stdout.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
