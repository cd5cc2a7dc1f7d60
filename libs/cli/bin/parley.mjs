#!/usr/bin/env node
// The `parley` command. Plain JavaScript, committed: npm links no bin whose file is missing at install time.
// It must start on any Node, to say clearly that another one is needed.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildIfStale } from './build-if-stale.mjs';
import { isNodeTooOld, runOnOwnNode } from './own-node.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const cli = new URL('../dist/index.js', import.meta.url);

function fail(message) {
  process.stderr.write(`parley: ${message}\n`);
  process.exitCode = 1;
}

async function main() {
  if (isNodeTooOld()) return runOnOwnNode(root, fileURLToPath(import.meta.url));
  await buildIfStale(root);
  if (!existsSync(cli)) return fail('Parley is not built. Run: npm run build');
  const { runCli } = await import(cli.href);
  process.exitCode = await runCli(process.argv.slice(2));
}

try {
  await main();
} catch (error) {
  fail(error.userMessage ?? `this is a fault of Parley's own: ${error.stack}`);
}
