import { DocumentError } from '@parley/config';
import { readConfigFolder } from './adapters/outbound/config-folder.ts';

/** Checks the model documents of a config folder: `check-config.js FOLDER`; one fault a line, exit code 1. */
const configDir = process.argv[2];
if (configDir === undefined) {
  process.stderr.write('Usage: check-config.js CONFIG_FOLDER\n');
  process.exitCode = 2;
} else {
  try {
    await readConfigFolder({ configDir, cacheDir: '' });
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    process.stdout.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
