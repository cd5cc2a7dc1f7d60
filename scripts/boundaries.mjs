/** Project boundaries by dependency-cruiser. A run that saw no modules proves nothing and fails. */
import { spawnSync } from 'node:child_process';

const root = process.argv[2] ?? '.';
const result = spawnSync(
  'depcruise',
  ['libs', 'services', '--config', '.dependency-cruiser.mjs', '--output-type', 'err'],
  {
    cwd: root,
    encoding: 'utf8',
  },
);
const output = `${result.stdout}${result.stderr}`;
process.stdout.write(output);
const modules = Number(/(\d+) modules/.exec(output)?.[1] ?? 0);
if (modules < 20) console.error(`dependency-cruiser saw ${modules} modules: its set-up is broken.`);
process.exitCode = result.status === 0 && modules >= 20 ? 0 : 1;
