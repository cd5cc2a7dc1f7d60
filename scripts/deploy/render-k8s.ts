/**
 * Writes k8s/dev-servers.yaml, which is what the chart renders of its dev servers; with --check it only compares.
 *
 *     node --conditions=@parley/source scripts/deploy/render-k8s.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chart, root, run } from './tools.ts';

const file = 'k8s/dev-servers.yaml';
const head = `# Kafka, Redis and PostgreSQL, a pod each and without passwords, for trying things out. Made of the chart by
# scripts/deploy/render-k8s.ts; change ${chart}/templates/dev-servers.yaml instead.
`;

function rendered(): string {
  const args = [
    'template',
    'parley-dev',
    chart,
    '--namespace',
    'parley',
    '--values',
    `${chart}/values-dev.yaml`,
  ];
  const only = ['--set', 'fullnameOverride=parley-dev', '--show-only', 'templates/dev-servers.yaml'];
  const { ok, stdout, stderr } = run('helm', [...args, ...only]);
  if (!ok) throw new Error(stderr);
  // Nothing of Helm is left: kubectl applies it.
  const lines = stdout
    .split('\n')
    .filter((line) => !/^# Source:|^\s*(helm\.sh|app\.kubernetes\.io\/managed-by)/.test(line));
  return `${head}${lines
    .join('\n')
    .replaceAll(/\n{2,}/g, '\n')
    .trim()}\n`;
}

const made = rendered();
if (!process.argv.includes('--check')) writeFileSync(join(root, file), made);
else if (readFileSync(join(root, file), 'utf8') !== made) {
  console.error(
    `${file} is not what the chart renders. Run: node --conditions=@parley/source scripts/deploy/render-k8s.ts`,
  );
  process.exitCode = 1;
}
