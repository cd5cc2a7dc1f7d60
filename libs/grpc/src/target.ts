import { isIPv4, isIPv6 } from 'node:net';
import { ParleyError } from '@parley/kernel';

interface HostPort {
  readonly host: string;
  readonly port: string;
}

/**
 * The gRPC target of a list of `host:port` addresses. One may be a name, resolved again while in use; several must be
 * literal addresses of one family (`localhost` counts as 127.0.0.1).
 * @throws ParleyError `config_invalid`
 */
export function grpcTarget(addresses: readonly string[]): string {
  const parsed = addresses.map(parseAddress);
  const [first, second] = parsed;
  if (first === undefined)
    throw new ParleyError('config_invalid', 'A gRPC client needs at least one address.');
  if (parsed.every(({ host }) => isIPv4(host)))
    return `ipv4:${parsed.map(({ host, port }) => `${host}:${port}`).join(',')}`;
  if (parsed.every(({ host }) => isIPv6(host)))
    return `ipv6:${parsed.map(({ host, port }) => `[${host}]:${port}`).join(',')}`;
  if (second === undefined) return `dns:///${first.host}:${first.port}`;
  throw new ParleyError(
    'config_invalid',
    `Several gRPC addresses must all be IPv4 or all IPv6, not ${addresses.join(', ')}; a name stands alone.`,
  );
}

function parseAddress(address: string): HostPort {
  const match = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(address);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3];
  if (host === undefined || port === undefined || Number(port) > 65_535) {
    throw new ParleyError('config_invalid', `${JSON.stringify(address)} is not an address; write host:port.`);
  }
  return { host: host === 'localhost' ? '127.0.0.1' : host, port };
}
