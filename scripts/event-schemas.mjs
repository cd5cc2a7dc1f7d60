/** The JSON Schemas of all events and their catalogue, made from `proto/`, comments included. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** @returns name of the file in `schemas/events` and its content, for each file. */
export function eventSchemaFiles(root, node) {
  const run = (command, args, options = {}) =>
    execFileSync(command, args, { cwd: root, maxBuffer: 16 * 1024 * 1024, ...options });
  const contracts = run(join(root, 'node_modules/.bin/buf'), ['build', 'proto', '-o', '-']);
  const program = join(root, 'libs/contracts/src/print-event-schemas.ts');
  const args = ['--conditions=@parley/source', '--disable-warning=ExperimentalWarning', program];
  return Object.entries(JSON.parse(run(node, args, { input: contracts, encoding: 'utf8' })));
}
