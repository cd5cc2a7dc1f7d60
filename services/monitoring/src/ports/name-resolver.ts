/** Finds what stands behind a name. */
export interface NameResolver {
  /** Every address of a host, in any order. @throws Error when the name cannot be resolved now. */
  resolve(host: string): Promise<readonly string[]>;
}
