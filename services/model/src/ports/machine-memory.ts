/** The memory of the machine, or of the part of it that this process may use. */
export interface MachineMemory {
  /** Bytes that could be taken now; what a system keeps as a copy of files counts as free. */
  availableBytes(): Promise<number>;
}
