import { getCACertificates, setDefaultCACertificates } from 'node:tls';

let trusted = false;

/**
 * Makes this process trust the authorities that the machine trusts, beside Node's own list, as pip and curl do: behind
 * the certificate of an organisation nothing could be pulled otherwise. Costs about 100 ms, once.
 */
export function trustMachineCertificates(): void {
  if (trusted) return;
  trusted = true;
  setDefaultCACertificates([...new Set([...getCACertificates('default'), ...getCACertificates('system')])]);
}
