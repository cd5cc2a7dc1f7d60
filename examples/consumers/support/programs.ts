import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A program that an example needs, and what follows from it for the test: in CI it must be there. */
interface NeededProgram {
  readonly path: string;
  readonly skip: boolean;
  /** The reason, for the name of a test; '' when it runs. */
  readonly needed: string;
}

function neededProgram(name: string, path: string): NeededProgram {
  const skip = !existsSync(path) && process.env.CI !== 'true';
  return { path, skip, needed: skip ? ` (skipped: ${name} is missing, npm run provision brings it)` : '' };
}

/** The Python that has the packages of the example, as `scripts/provision/python-consumer.mjs` makes it. */
const python = neededProgram('Python with confluent-kafka', pythonPath());

export const kcat = neededProgram('kcat', programPath('kcat'));

const examples = join(import.meta.dirname, '..');

/** The examples that are members of a group, and how they are started. */
export const groupConsumers = [
  {
    language: 'TypeScript',
    command: [process.execPath, join(examples, 'typescript/turns.ts')],
    skip: false,
    needed: '',
  },
  { language: 'Python', command: [python.path, join(examples, 'python/turns.py')], ...python },
];

/** A script of the example for kcat. */
export function kcatScript(name: string): string {
  return join(examples, 'kcat', name);
}

function pythonPath(): string {
  const cache = process.env.PARLEY_CACHE ?? join(homedir(), '.cache', 'parley');
  const requirements = readFileSync(join(import.meta.dirname, '../python/requirements.txt'));
  const digest = createHash('sha256').update(requirements).digest('hex').slice(0, 12);
  return join(cache, 'python-consumer', digest, 'bin/python');
}

function programPath(name: string): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? name;
}
