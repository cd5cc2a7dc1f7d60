import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

const requiredMajor = 24;

/** Whether the Node that runs this is older than Parley needs. */
export function isNodeTooOld(version = process.versions.node) {
  return Number(version.split('.')[0]) < requiredMajor;
}

/**
 * Runs `script` once more under the Node that the workspace brings, with the same arguments, and takes over how it
 * ends. The IPC channel tells the other side when this process is killed.
 */
export function runOnOwnNode(root, script) {
  const own = join(root, 'node_modules', '.bin', 'node');
  if (!existsSync(own) || process.env.PARLEY_OWN_NODE === 'true') {
    const message = `Parley needs Node ${requiredMajor} or newer; this is Node ${process.versions.node}. Run npm ci, which brings one.`;
    throw Object.assign(new Error(message), { userMessage: message });
  }
  const child = spawn(own, [script, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, PARLEY_OWN_NODE: 'true' },
  });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // A terminal sends SIGINT to both; sent on as well, it would count as the second Ctrl-C, the one that forces.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      process.exitCode = code ?? 128 + constants.signals[signal];
      if (child.connected) child.disconnect();
      resolve();
    });
  });
}
