/**
 * Writes the JSON Schemas of the configuration documents, for editors, into config/schemas, and those of all events,
 * for consumers, into schemas/events: `node scripts/schemas.mjs`. With `--check` it writes nothing and ends with 1 when
 * a file is not as it would be written. The schemas of documents come from the services that read them; each prints
 * its own.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { eventSchemaFiles } from './event-schemas.mjs';

const root = join(import.meta.dirname, '..');
/** The programs are TypeScript, which an older Node that may run this script does not take. */
const node = join(root, 'node_modules/.bin/node');

function documentSchemaFiles() {
  const programs = readdirSync(join(root, 'services'))
    .map((service) => join(root, 'services', service, 'src/print-schemas.ts'))
    .filter((program) => existsSync(program));
  const args = ['--conditions=@parley/source', '--disable-warning=ExperimentalWarning'];
  return programs.flatMap((program) =>
    Object.entries(JSON.parse(execFileSync(node, [...args, program], { encoding: 'utf8' }))).map(
      ([name, schema]) => [`${name}.json`, schema],
    ),
  );
}

function namesIn(folder) {
  return existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [];
}

function staleFiles({ folder, files }) {
  const isStale = ([name, schema]) => {
    const path = join(root, folder, name);
    return !existsSync(path) || !isDeepStrictEqual(JSON.parse(readFileSync(path, 'utf8')), schema);
  };
  const known = new Set(files.map(([name]) => name));
  const stale = files.filter(isStale).map(([name]) => name);
  return [...stale, ...namesIn(folder).filter((name) => !known.has(name))].map((name) => join(folder, name));
}

function write({ folder, files }) {
  mkdirSync(join(root, folder), { recursive: true });
  for (const name of namesIn(folder)) rmSync(join(root, folder, name));
  for (const [name, schema] of files) {
    writeFileSync(join(root, folder, name), `${JSON.stringify(schema, undefined, 2)}\n`);
  }
  execFileSync(join(root, 'node_modules/.bin/oxfmt'), [folder], { cwd: root });
}

const targets = [
  { folder: 'config/schemas', files: documentSchemaFiles() },
  { folder: 'schemas/events', files: eventSchemaFiles(root, node) },
];
if (process.argv.includes('--check')) {
  const stale = targets.flatMap(staleFiles);
  if (stale.length > 0) {
    console.error(`Not as the services and proto/ have them: ${stale.join(', ')}. Run: npm run schemas`);
    process.exitCode = 1;
  }
} else {
  for (const target of targets) write(target);
}
