import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificate } from './certificate.ts';
import type { Place } from './own-server.ts';
import { durableAt, startRedisProcess } from './redis-process.ts';
import type { OwnServer, ServerKind } from './server-kind.ts';

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
  const { spares, folder } = server.address;
  const ca = readFileSync(join(folder, 'cert.pem'), 'utf8');
  return { ...server, address: { url: `rediss://127.0.0.1:${spares[0]}`, ca } };
}

/** The port without TLS stays open for the question whether the server is ready. */
function tlsAt(place: Place): string[] {
  const { key, certificate } = makeCertificate(place.folder);
  const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate];
  const port = ['--tls-port', `${place.spares[0]}`, '--tls-auth-clients', 'no'];
  return [...durableAt(place), ...port, ...files];
}
