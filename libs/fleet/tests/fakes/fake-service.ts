/**
 * A stand-in for a service, run as a process of its own: it listens where it is told, says that it is ready, and
 * writes down what happens to it. `FAKE_SERVICE`, `FAKE_BEHAVIOUR` and `FAKE_JOURNAL` are set by `fakeServices`.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const env = process.env;
const service = env['FAKE_SERVICE'] ?? '';
const journal = env['FAKE_JOURNAL'] ?? '';
const behaviour = (JSON.parse(env['FAKE_BEHAVIOUR'] ?? '{}') as Record<string, string>)[service] ?? 'works';

function note(what: string): void {
  appendFileSync(journal, `${service} ${what}\n`);
}

function listen(port: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer((_request, response) => {
      const checks = [{ name: 'model file', ok: behaviour !== 'is never ready', reason: 'loading' }];
      response.end(JSON.stringify({ checks, service, pid: process.pid, env, execArgv: process.execArgv }));
    });
    server.once('error', reject);
    server.listen(Number(port), env['PARLEY_HOST'], resolve);
  });
}

process.on('SIGINT', () => note('SIGINT'));
process.on('SIGTERM', () => {
  note('SIGTERM');
  if (behaviour !== 'ignores SIGTERM') {
    setTimeout(() => {
      note('ended');
      process.exit(0);
    }, 30);
  }
});
process.on('disconnect', () => {
  note('lost its supervisor');
  setTimeout(() => process.exit(0), behaviour === 'drains slowly' ? 700 : 0);
});

if (behaviour === 'fails to start') {
  process.stdout.write('{"level":30,"msg":"hello"}\n');
  process.stderr.write(`${service}: PARLEY_THING must be a number\n`);
  process.exit(1);
}
await listen(env['PARLEY_GRPC_PORT']);
await listen(env['PARLEY_TELEMETRY_PORT']);
if (env['PARLEY_PORT'] !== undefined) await listen(env['PARLEY_PORT']);
note('started');
const restarted = readFileSync(journal, 'utf8').split(`${service} started`).length > 2;
const instanceId = `${service}-${process.pid}`;
process.send?.({ type: 'listening', instanceId });
if (behaviour !== 'is never ready' && !(behaviour === 'is ready only once' && restarted)) {
  process.send?.({ type: 'ready', instanceId });
}
