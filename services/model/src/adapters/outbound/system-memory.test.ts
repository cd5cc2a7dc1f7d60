import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { SystemMemory } from './system-memory.ts';

const gibibyte = 1024 ** 3;
const meminfo = 'MemTotal: 33554432 kB\nMemAvailable: 8388608 kB\n';

async function availableOn(files: Record<string, string>): Promise<number> {
  await using folder = await temporaryFolder();
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder.path, file)), { recursive: true });
    await writeFile(join(folder.path, file), text);
  }
  return await new SystemMemory(folder.path).availableBytes();
}

describe("the system's memory", () => {
  it('is what the machine says where no control group sets a limit', async () => {
    const group = { 'proc/self/cgroup': '0::/user.slice\n', 'sys/fs/cgroup/user.slice/memory.max': 'max\n' };
    expect(await availableOn({ 'proc/meminfo': meminfo, ...group })).toBe(8 * gibibyte);
    expect(await availableOn({ 'proc/meminfo': meminfo })).toBe(8 * gibibyte);
  });

  it('is what the tightest group around it has left, with the copies of files that it can drop', async () => {
    const available = await availableOn({
      'proc/meminfo': meminfo,
      'proc/self/cgroup': '0::/pod/container\n',
      'sys/fs/cgroup/pod/container/memory.max': 'max\n',
      'sys/fs/cgroup/pod/container/memory.current': `${gibibyte}\n`,
      'sys/fs/cgroup/pod/memory.max': `${4 * gibibyte}\n`,
      'sys/fs/cgroup/pod/memory.current': `${3 * gibibyte}\n`,
      'sys/fs/cgroup/pod/memory.stat': `active_file 1\ninactive_file ${gibibyte}\n`,
    });
    expect(available).toBe(2 * gibibyte);
  });

  it('knows the older control groups', async () => {
    const available = await availableOn({
      'proc/meminfo': meminfo,
      'proc/self/cgroup': '9:cpu,cpuacct:/a\n4:memory:/a\n',
      'sys/fs/cgroup/memory/a/memory.limit_in_bytes': `${2 * gibibyte}\n`,
      'sys/fs/cgroup/memory/a/memory.usage_in_bytes': `${3 * gibibyte}\n`,
      'sys/fs/cgroup/memory/a/memory.stat': `total_inactive_file ${gibibyte / 2}\n`,
    });
    expect(available).toBe(0);
  });

  it('is something on any machine', async () => {
    expect(await new SystemMemory('/nowhere').availableBytes()).toBeGreaterThan(0);
  });
});
