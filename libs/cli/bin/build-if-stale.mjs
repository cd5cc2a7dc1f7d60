import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Compiles a source checkout when something in it is newer than the last build. Anywhere else (an image holds only
 * what was built) it does nothing. Looking takes a few milliseconds.
 */
export async function buildIfStale(root) {
  if (!existsSync(join(root, 'proto')) || !existsSync(join(root, 'libs/cli/src'))) return;
  const stamp = join(root, '.cache', 'built');
  const builtAt = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const lookedAt = new Date();
  const generated = join(root, 'libs/contracts/src/gen');
  const sources = projectsOf(root).flatMap((project) => [
    join(project, 'src'),
    join(project, 'tsconfig.json'),
  ]);
  const isStale = newest(join(root, 'proto')) > newest(generated);
  if (
    !isStale &&
    Math.max(newest(join(root, 'proto')), ...sources.map(newest)) <= builtAt &&
    outputsExist(root)
  )
    return;

  process.stderr.write('Building what has changed …\n');
  // A daemon of the task runner would outlive this command.
  if (isStale) run(root, 'npm', ['run', '--silent', 'generate'], { NX_DAEMON: 'false' });
  run(root, join(root, 'node_modules', '.bin', 'tsc'), ['-b'], {});
  mkdirSync(join(root, '.cache'), { recursive: true });
  writeFileSync(stamp, '');
  // What was changed while the compiler ran is stale again.
  utimesSync(stamp, lookedAt, lookedAt);
}

function projectsOf(root) {
  return ['libs', 'services'].flatMap((group) => {
    const folder = join(root, group);
    return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  });
}

/** When a file, or anything in a folder, was changed last; a folder's own time tells of removed files. */
function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function outputsExist(root) {
  return projectsOf(root)
    .filter((project) => existsSync(join(project, 'tsconfig.json')))
    .every((project) => existsSync(join(project, 'dist')));
}

function run(root, command, args, env) {
  const path = `${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`;
  const result = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, ...env, PATH: path },
    encoding: 'utf8',
  });
  if (result.error === undefined && result.status === 0) return;
  const said = result.error?.message ?? `${result.stdout}${result.stderr}`.trim();
  const message = `The build failed (${[command.split('/').at(-1), ...args].join(' ')}):\n${said}`;
  throw Object.assign(new Error(message), { userMessage: message });
}
