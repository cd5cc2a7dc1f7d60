/**
 * `npm run faults [-- --victim dialogue,redis] [--rounds 20] [--at-once 50]`: strikes every victim once a round under
 * load, and says in a table what was lost, doubled or renumbered. The same code as the one round of `npm test`.
 * Ends with 1 when a promise was broken. Needs `npm run build`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const fleetTests = ['--project=fleet', 'libs/fleet/tests/faults/faults.test.ts'];
/** A victim of its own that needs no fleet: 25 files a round. */
const mutated = 'mutated-headers';
const mutatedTests = ['--project=integration', 'services/model/tests/mutated-headers.test.ts'];
const report = resolve('.cache/faults.md');

const { values } = parseArgs({
  options: {
    victim: { type: 'string', default: '' },
    rounds: { type: 'string', default: '20' },
    'at-once': { type: 'string', default: '50' },
  },
});

for (const name of ['rounds', 'at-once']) {
  if (!/^[1-9]\d*$/.test(values[name])) throw new Error(`--${name} must be a whole number above 0`);
}
const load = loadavg()[0];
if (load > 1)
  console.error(`The machine is not quiet (load average ${load.toFixed(1)}): read times with care.`);

mkdirSync('.cache', { recursive: true });
rmSync(report, { force: true });
const victims = values.victim.split(',').filter((name) => name !== '');
const tests = [
  ...(victims.length === 1 && victims[0] === mutated ? [] : fleetTests),
  ...(victims.length === 0 || victims.includes(mutated) ? mutatedTests : []),
];
const { status } = spawnSync('vitest', ['run', ...tests], {
  stdio: 'inherit',
  env: {
    ...process.env,
    PARLEY_FAULTS_VICTIM: values.victim,
    PARLEY_FAULTS_ROUNDS: values.rounds,
    PARLEY_FAULTS_AT_ONCE: values['at-once'],
    PARLEY_FAULTS_REPORT: report,
  },
});
if (existsSync(report)) console.log(`\nThe table is in ${report}`);
process.exitCode = status ?? 1;
