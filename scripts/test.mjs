/**
 * Everything a change must pass, in order of cost: format, lint, boundaries, types, unused code, contracts, tests.
 * `npm test -- unit` runs the tests of one vitest project only. Ends with the line `N passed, N failed, N skipped`.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';

const only = process.argv.slice(2);
const report = '.cache/vitest.json';
const counts = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const skips = [];

function run(command, args, env = {}) {
  const result = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  return result.status === 0;
}

function check(name, command, ...args) {
  const started = Date.now();
  console.log(`\n== ${name}`);
  const ok = run(command, args);
  counts[ok ? 'passed' : 'failed']++;
  if (!ok) failures.push(name);
  console.log(`== ${name}: ${ok ? 'ok' : 'FAILED'} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  return ok;
}

function countTests() {
  const results = JSON.parse(readFileSync(report, 'utf8'));
  for (const file of results.testResults) {
    if (file.assertionResults.length === 0 && file.status === 'failed') {
      counts.failed++;
      failures.push(`${file.name}: ${file.message}`);
    }
    for (const test of file.assertionResults) {
      if (test.status === 'passed') counts.passed++;
      else if (test.status === 'failed') {
        counts.failed++;
        failures.push(test.fullName);
      } else {
        counts.skipped++;
        skips.push(test.fullName);
      }
    }
  }
}

mkdirSync('.cache', { recursive: true });
rmSync(report, { force: true });

const built = check('generate and build', 'npm', 'run', '--silent', 'build');
if (only.length === 0) {
  check('format', 'oxfmt', '--check', '.');
  check('lint', 'oxlint', '--type-aware', '--deny-warnings', '.');
  check('boundaries', process.execPath, 'scripts/boundaries.mjs');
  check('types of sources and tests', 'tsc', '-p', 'tsconfig.tests.json');
  check('unused files, exports and dependencies', 'knip', '--no-progress');
  check('contracts: lint', 'buf', 'lint', 'proto');
  check('contracts: nothing broken', 'buf', 'breaking', 'proto', '--against', 'proto/image.binpb');
}
if (built) {
  const projects = only.map((name) => `--project=${name}`);
  const ok = run('vitest', [
    'run',
    ...projects,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  try {
    countTests();
  } catch (error) {
    counts.failed++;
    failures.push(`the test run left no report: ${error.message}`);
  }
  if (!ok && counts.failed === 0) {
    counts.failed++;
    failures.push('the test run ended with errors outside of tests');
  }
}

if (skips.length > 0)
  console.log(`\nSkipped (the reason stands beside each test above):\n  ${skips.join('\n  ')}`);
if (failures.length > 0) console.log(`\nFailed:\n  ${failures.join('\n  ')}`);
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 ? 0 : 1;
