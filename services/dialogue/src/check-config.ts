import { join } from 'node:path';
import { checkDocuments, faultText } from '@parley/config';
import { compileDocuments, dialogueKinds } from './adapters/outbound/documents/compile-documents.ts';

/** Checks the documents of this service in a config folder, their own tests included: `check-config.js FOLDER`. */
const folder = process.argv[2];
if (folder === undefined) {
  process.stderr.write('Usage: check-config.js CONFIG_FOLDER\n');
  process.exitCode = 2;
} else {
  const faults = await checkDocuments(folder, dialogueKinds, compileDocuments);
  for (const fault of faults) {
    process.stdout.write(`${faultText({ ...fault, file: join(folder, fault.file) })}\n`);
  }
  if (faults.length > 0) process.exitCode = 1;
}
