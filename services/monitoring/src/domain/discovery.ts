import type { NameResolver } from '../ports/name-resolver.ts';
import type { Target } from './instance-status.ts';

/** An address of either family, and no name. */
const literal = /^[\d.]+$|:/;

/**
 * Turns the addresses of the configuration into those of instances: a name, such as that of a headless Service, stands
 * for every address behind it. What was found stays while the name cannot be resolved.
 */
export class Discovery {
  readonly #configured: readonly Target[];
  readonly #resolver: NameResolver;
  /** By configured address: the last that was found. */
  readonly #found = new Map<string, readonly Target[]>();

  constructor(configured: readonly Target[], resolver: NameResolver) {
    this.#configured = configured;
    this.#resolver = resolver;
  }

  /** Every instance's address as it is now; each once for a service. Never rejects. */
  async targets(): Promise<readonly Target[]> {
    const found = await Promise.all(this.#configured.map((target) => this.#behind(target)));
    const byKey = new Map(found.flat().map((target) => [`${target.service} ${target.address}`, target]));
    return [...byKey.values()];
  }

  async #behind(target: Target): Promise<readonly Target[]> {
    const { host, port } = parted(target.address);
    // One that is resolved by nobody stands for itself, and shows as down.
    if (host === 'localhost' || literal.test(host)) return [target];
    try {
      const addresses = (await this.#resolver.resolve(host)).toSorted();
      const targets = addresses.map((address) => ({ ...target, address: joined(address, port) }));
      // A name whose instances have all gone is shown by itself.
      this.#found.set(target.address, targets.length === 0 ? [target] : targets);
    } catch {
      // What is known goes on being asked, and shows how it is.
    }
    return this.#found.get(target.address) ?? [target];
  }
}

function parted(address: string): { readonly host: string; readonly port: string } {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at).replace(/^\[(.*)\]$/, '$1'), port: address.slice(at + 1) };
}

function joined(host: string, port: string): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
