import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { durableAt, startRedisProcess } from './redis-process.ts';
import type { RedisPlace } from './redis-process.ts';
import type { OwnServer, ServerKind } from './server-kind.ts';
import { thisMachine } from './this-machine.ts';

/** An encrypted address, and the authority whose certificate is to be trusted there (PEM). */
export interface TlsAddress {
  readonly url: string;
  readonly ca: string;
}

/** One Redis server that is reached by TLS, with a certificate made for it by `openssl`. */
export const redisTlsKind: ServerKind<TlsAddress> = {
  name: 'Redis with TLS',
  variable: 'PARLEY_TEST_REDIS_TLS',
  program: 'redis-server',
  parse: (text) => {
    const [url = '', caFile = ''] = text.split(' ');
    return { url, ca: readFileSync(caFile, 'utf8') };
  },
  startProgram,
};

async function startProgram(path: string): Promise<OwnServer<TlsAddress>> {
  const server = await startRedisProcess(path, tlsAt);
  const { spare, folder } = server.address;
  const ca = readFileSync(join(folder, 'cert.pem'), 'utf8');
  return { ...server, address: { url: `rediss://127.0.0.1:${spare}`, ca } };
}

/** The port without TLS stays open for the question whether the server is ready. */
function tlsAt(place: RedisPlace): string[] {
  const openssl = thisMachine.findProgram('openssl');
  if (openssl === undefined) throw new Error('openssl is not installed (npm run provision does that)');
  const [key, certificate] = ['key.pem', 'cert.pem'].map((name) => join(place.folder, name));
  const made = ['-keyout', `${key}`, '-out', `${certificate}`, '-days', '2', '-nodes'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync(openssl, ['req', '-x509', ...kind, ...made, ...names], { stdio: 'ignore' });
  const files = [
    '--tls-cert-file',
    `${certificate}`,
    '--tls-key-file',
    `${key}`,
    '--tls-ca-cert-file',
    `${certificate}`,
  ];
  return [...durableAt(place), '--tls-port', `${place.spare}`, ...files, '--tls-auth-clients', 'no'];
}
