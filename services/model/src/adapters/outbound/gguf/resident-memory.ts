import { readFile } from 'node:fs/promises';
import { availableMemory } from 'node:process';

/** Reads what processes and the machine hold, for the watch over engine hosts. */
export interface MemoryReadings {
  /** Bytes of a process that are in memory; undefined where the system does not tell. */
  residentBytes(pid: number): Promise<number | undefined>;
  /** Bytes that could be taken now. */
  availableBytes(): number;
}

/** As Linux tells it; elsewhere nothing is known. */
export const systemReadings: MemoryReadings = {
  residentBytes: async (pid) => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  },
  availableBytes: () => availableMemory(),
};
