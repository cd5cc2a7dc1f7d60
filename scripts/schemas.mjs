/**
 * Writes the JSON Schemas of the configuration documents, for editors, into config/schemas: `node scripts/schemas.mjs`.
 * With `--check` it writes nothing and ends with 1 when a file is not as it would be written. The schemas come from
 * the services that read the documents; each prints its own.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'config/schemas');
/** The programs are TypeScript, which an older Node that may run this script does not take. */
const node = join(root, 'node_modules/.bin/node');

function printedSchemas() {
  const programs = readdirSync(join(root, 'services'))
    .map((service) => join(root, 'services', service, 'src/print-schemas.ts'))
    .filter((program) => existsSync(program));
  const args = ['--conditions=@parley/source', '--disable-warning=ExperimentalWarning'];
  return programs
    .flatMap((program) =>
      Object.entries(JSON.parse(execFileSync(node, [...args, program], { encoding: 'utf8' }))),
    )
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function filesThere() {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function staleFiles(schemas) {
  const isStale = ([name, schema]) => {
    const file = join(folder, `${name}.json`);
    return !existsSync(file) || !isDeepStrictEqual(JSON.parse(readFileSync(file, 'utf8')), schema);
  };
  const known = new Set(schemas.map(([name]) => `${name}.json`));
  return [
    ...schemas.filter(isStale).map(([name]) => `${name}.json`),
    ...filesThere().filter((file) => !known.has(file)),
  ];
}

function write(schemas) {
  mkdirSync(folder, { recursive: true });
  for (const file of filesThere()) rmSync(join(folder, file));
  for (const [name, schema] of schemas) {
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(schema, undefined, 2)}\n`);
  }
  execFileSync(join(root, 'node_modules/.bin/oxfmt'), [folder], { cwd: root });
}

const schemas = printedSchemas();
if (process.argv.includes('--check')) {
  const stale = staleFiles(schemas);
  if (stale.length > 0) {
    console.error(
      `Not as the services' schemas are: ${stale.join(', ')} in config/schemas. Run: npm run schemas`,
    );
    process.exitCode = 1;
  }
} else {
  write(schemas);
}
