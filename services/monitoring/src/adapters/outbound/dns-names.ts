import { lookup } from 'node:dns/promises';
import type { NameResolver } from '../../ports/name-resolver.ts';

/** Asks the machine's own resolver: it knows hosts files and, in a cluster, headless Services. */
export class DnsNames implements NameResolver {
  async resolve(host: string): Promise<readonly string[]> {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  }
}
