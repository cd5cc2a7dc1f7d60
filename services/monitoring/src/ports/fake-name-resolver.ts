import type { NameResolver } from './name-resolver.ts';

/** Knows the names that a test tells it. */
export class FakeNameResolver implements NameResolver {
  readonly names = new Map<string, readonly string[]>();

  resolve(host: string): Promise<readonly string[]> {
    const addresses = this.names.get(host);
    return addresses === undefined
      ? Promise.reject(new Error(`ENOTFOUND ${host}`))
      : Promise.resolve(addresses);
  }
}
