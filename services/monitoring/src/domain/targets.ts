import type { Target } from './instance-status.ts';

/** Every address of every service, in the order given; one that is named twice counts once. */
export function targetsOf(addresses: Readonly<Record<string, readonly string[]>>): Target[] {
  return Object.entries(addresses).flatMap(([service, list]) =>
    [...new Set(list)].map((address) => ({ service, address })),
  );
}
