/** What there is to get servers from. */
export interface SourceWorld {
  variable(name: string): string | undefined;
  /** Whether containers can be started. */
  hasContainers(): Promise<boolean>;
  /** Where a program of this machine lies. */
  findProgram(name: string): string | undefined;
}
