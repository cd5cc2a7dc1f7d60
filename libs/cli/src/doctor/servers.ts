import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Finding } from './finding.ts';

interface OptionalServer {
  readonly name: string;
  /** Its address, where it is used instead of the embedded adapter. */
  readonly variable?: string;
  readonly programs: readonly string[];
  readonly use: string;
}

const optionalServers: readonly OptionalServer[] = [
  { name: 'Docker', programs: ['docker'], use: 'runs the real servers in tests' },
  {
    name: 'Redis',
    variable: 'PARLEY_REDIS_URL',
    programs: ['redis-server', 'valkey-server'],
    use: 'state of a cluster',
  },
  {
    name: 'Kafka',
    variable: 'PARLEY_KAFKA_BROKERS',
    programs: ['kafka-server-start.sh', 'kafka-server-start'],
    use: 'events of a cluster',
  },
  {
    name: 'PostgreSQL',
    variable: 'PARLEY_POSTGRES_URL',
    programs: ['postgres'],
    use: 'the record of a cluster',
  },
  {
    name: 'Chromium',
    programs: ['chromium', 'chromium-browser', 'google-chrome'],
    use: 'tests of the web console',
  },
];

/** The servers that Parley can use and does not need. */
export function serverFindings(env: NodeJS.ProcessEnv): Finding[] {
  const folders = [...(env['PATH'] ?? '').split(delimiter), ...debianPostgres()];
  return optionalServers.map(({ name, variable, programs, use }) => {
    const configured = variable !== undefined && (env[variable] ?? '') !== '';
    const program = programs.flatMap((file) => folders.map((folder) => join(folder, file))).find(isProgram);
    // An address may carry a password, so only the variable is named.
    const detail = configured ? `given by ${variable}` : (program ?? `not found; optional: ${use}`);
    return { name, ok: configured || program !== undefined, required: false, detail };
  });
}

/** Debian keeps the server's programs out of PATH. */
function debianPostgres(): string[] {
  const base = '/usr/lib/postgresql';
  try {
    return readdirSync(base).map((version) => join(base, version, 'bin'));
  } catch {
    return [];
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
