import { readFile } from 'node:fs/promises';
import { freemem } from 'node:os';
import { dirname, join } from 'node:path';
import type { MachineMemory } from '../../ports/machine-memory.ts';

/** Where a control group tells its limit, its use, and which part of that are copies of files it could drop. */
interface GroupFiles {
  readonly folder: string;
  readonly limit: string;
  readonly used: string;
  readonly droppable: string;
}

const version2 = { limit: 'memory.max', used: 'memory.current', droppable: 'inactive_file' };
const version1 = {
  limit: 'memory.limit_in_bytes',
  used: 'memory.usage_in_bytes',
  droppable: 'total_inactive_file',
};

/** What Linux says about the machine and the control groups this process is in; elsewhere what Node.js says. */
export class SystemMemory implements MachineMemory {
  readonly #root: string;

  /** @param root where the system's files lie, for tests */
  constructor(root = '/') {
    this.#root = root;
  }

  async availableBytes(): Promise<number> {
    const groups = await this.#groups();
    const left = await Promise.all(groups.map((group) => this.#leftIn(group)));
    return Math.max(0, Math.min(await this.#machine(), ...left));
  }

  async #machine(): Promise<number> {
    const kibibytes = /^MemAvailable:\s+(\d+) kB/m.exec(await this.#read('proc/meminfo'))?.[1];
    return kibibytes === undefined ? freemem() : Number(kibibytes) * 1024;
  }

  /** The process' own group and all that it lies in: each may set a limit. */
  async #groups(): Promise<GroupFiles[]> {
    const lines = (await this.#read('proc/self/cgroup')).split('\n');
    return lines.flatMap((line) => {
      const [, controllers = '', path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
      if (path === undefined) return [];
      if (controllers === '') return upwards('sys/fs/cgroup', path, version2);
      return controllers.split(',').includes('memory') ? upwards('sys/fs/cgroup/memory', path, version1) : [];
    });
  }

  async #leftIn({ folder, limit, used, droppable }: GroupFiles): Promise<number> {
    const limitBytes = Number.parseInt(await this.#read(join(folder, limit)), 10);
    const usedBytes = Number.parseInt(await this.#read(join(folder, used)), 10);
    if (Number.isNaN(limitBytes) || Number.isNaN(usedBytes)) return Number.POSITIVE_INFINITY;
    const stat = await this.#read(join(folder, 'memory.stat'));
    const droppableBytes = new RegExp(`^${droppable} (\\d+)$`, 'm').exec(stat)?.[1] ?? '0';
    return limitBytes - usedBytes + Number(droppableBytes);
  }

  /** '' when there is no such file. */
  #read(file: string): Promise<string> {
    return readFile(join(this.#root, file), 'utf8').catch(() => '');
  }
}

/** A container sees its own group as the root, so paths that are not there are normal. */
function upwards(base: string, path: string, files: Omit<GroupFiles, 'folder'>): GroupFiles[] {
  const parent = dirname(path);
  const here = { folder: join(base, path), ...files };
  return parent === path ? [here] : [here, ...upwards(base, parent, files)];
}
