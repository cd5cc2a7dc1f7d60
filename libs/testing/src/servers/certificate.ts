import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { thisMachine } from './this-machine.ts';

/** Where the parts of a certificate lie, as PEM. */
export interface CertificateFiles {
  /** PKCS #8. */
  readonly key: string;
  /** Who trusts this one trusts the server. */
  readonly certificate: string;
}

/**
 * A certificate of a server on loopback, made by `openssl` in `folder` and signed by itself, for two days.
 * @throws Error when openssl is not installed.
 */
export function makeCertificate(folder: string): CertificateFiles {
  const openssl = thisMachine.findProgram('openssl');
  if (openssl === undefined) throw new Error('openssl is not installed (npm run provision does that)');
  const files = { key: join(folder, 'key.pem'), certificate: join(folder, 'cert.pem') };
  const made = ['-keyout', files.key, '-out', files.certificate, '-days', '2', '-nodes'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  execFileSync(openssl, ['req', '-x509', ...kind, ...made, ...names], { stdio: 'ignore', timeout: 30_000 });
  return files;
}
