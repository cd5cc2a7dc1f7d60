import { execFile } from 'node:child_process';
import { chownSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { askPostgres } from './ask-postgres.ts';
import { startOwnServer, untilReady } from './own-server.ts';
import type { Place } from './own-server.ts';
import { runProgram } from './run-program.ts';
import type { RunningProgram } from './run-program.ts';
import type { OwnServer } from './server-kind.ts';
import { unprivilegedUser } from './unprivileged-user.ts';
import type { User } from './unprivileged-user.ts';

/** Who a server lets in, and where. */
export interface PostgresLogin {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

const startTimes = { name: 'PostgreSQL', timeoutMs: 40_000, everyMs: 20 };

/** A server that was killed leaves processes that see it soon; until they have ended, none can start on its data. */
const leftBehind = /postmaster\.pid|shared memory block/;
const leftBehindTimeoutMs = 30_000;

/** A `postgres` process on a loopback port with a data folder of its own. It is as durable as by default. */
export async function startPostgresProcess(
  postgres: string,
  login: PostgresLogin,
): Promise<OwnServer<Place>> {
  const user = unprivilegedUser();
  return startOwnServer(async ({ port, folder }) => {
    if (user !== undefined) chownSync(folder, user.uid, user.gid);
    const data = join(folder, 'data');
    await makeData(postgres, data, login, user);
    const args = ['-D', data, '-p', `${port}`, ...listening, ...memory];
    const begin = async (): Promise<RunningProgram> => {
      const running = await runProgram(postgres, args, folder, { user });
      return untilReady(running, () => askPostgres(port, login.user), startTimes);
    };
    return () => startOnceAlone(begin);
  }, lastSignal);
}

/** An end at once in which it gives back its shared memory, which would stay after a kill. */
const lastSignal = 'SIGQUIT';

const listening = ['-h', '127.0.0.1', '-k', ''];
const memory = ['-c', 'shared_buffers=32MB', '-c', 'dynamic_shared_memory_type=mmap'];

async function startOnceAlone(begin: () => Promise<RunningProgram>): Promise<RunningProgram> {
  const giveUpAt = performance.now() + leftBehindTimeoutMs;
  for (;;) {
    try {
      return await begin();
    } catch (error) {
      if (!leftBehind.test(String(error)) || performance.now() >= giveUpAt) throw error;
    }
    await setTimeout(100);
  }
}

/** Makes a data folder with the database and the user. Its files may reach the disk later: nobody counts on them yet. */
async function makeData(
  postgres: string,
  data: string,
  login: PostgresLogin,
  user: User | undefined,
): Promise<void> {
  const passwordFile = `${data}.password`;
  writeFileSync(passwordFile, login.password, { mode: 0o600 });
  if (user !== undefined) chownSync(passwordFile, user.uid, user.gid);
  const who = ['-U', login.user, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  const what = ['-D', data, '--encoding=UTF8', '--locale=C', '--no-sync'];
  await runToEnd(join(dirname(postgres), 'initdb'), [...what, ...who], '', user);
  const single = ['--single', '-F', '-D', data, 'postgres'];
  await runToEnd(postgres, single, `CREATE DATABASE ${login.database}\n`, user);
}

async function runToEnd(
  program: string,
  args: readonly string[],
  input: string,
  user: User | undefined,
): Promise<void> {
  const running = promisify(execFile)(program, args, { cwd: '/', timeout: 60_000, ...user });
  running.child.stdin?.end(input);
  await running;
}
