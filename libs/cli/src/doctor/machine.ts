import { existsSync } from 'node:fs';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import { parleyRoot, requiredNodeMajor } from '@parley/fleet';
import type { Finding } from './finding.ts';

const comfortableBytes = 2 * 1024 ** 3;

/** The package that holds the engine's binary for the CPU of a platform, as node-llama-cpp names them. */
const enginePackages: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'linux-arm': 'linux-armv7l',
  'darwin-arm64': 'mac-arm64-metal',
  'darwin-x64': 'mac-x64',
  'win32-x64': 'win-x64',
  'win32-arm64': 'win-arm64',
};

/** What this machine is: Node, platform, C library, cores, memory, and whether the engine fits it. */
export function machineFindings(): Finding[] {
  return [nodeVersion(), platform(), ...cLibrary(), cores(), memory(), engine()];
}

function nodeVersion(): Finding {
  const ok = Number(process.versions.node.split('.')[0]) >= requiredNodeMajor;
  const hint = `Parley needs ${requiredNodeMajor} or newer; npm ci brings one.`;
  return { name: 'Node', ok, required: true, detail: process.versions.node, hint };
}

function platform(): Finding {
  const detail = `${process.platform} ${process.arch}`;
  const ok = process.platform === 'linux' || process.platform === 'darwin';
  return { name: 'Platform', ok, required: false, detail, hint: 'Parley is tested on Linux and macOS.' };
}

function cLibrary(): Finding[] {
  if (process.platform !== 'linux') return [];
  // Without it the report looks up the name of every connection.
  Object.assign(process.report, { excludeNetwork: true });
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  const version = header.glibcVersionRuntime;
  const hint = 'The engine is compiled for glibc; use a distribution that has it.';
  return [
    {
      name: 'C library',
      ok: version !== undefined,
      required: true,
      detail: version === undefined ? 'not glibc' : `glibc ${version}`,
      hint,
    },
  ];
}

function cores(): Finding {
  const count = availableParallelism();
  const hint = 'One core answers, but slowly: model and services share it.';
  return { name: 'CPU cores', ok: count >= 2, required: false, detail: String(count), hint };
}

function memory(): Finding {
  const limit = process.constrainedMemory();
  const total = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  const free = Math.min(freemem(), total);
  const detail = `${gigabytes(total)} GiB, ${gigabytes(free)} GiB free`;
  return {
    name: 'Memory',
    ok: free >= comfortableBytes,
    required: false,
    detail,
    hint: 'A fleet with a small model takes about 1 GiB.',
  };
}

function engine(): Finding {
  const name = enginePackages[`${process.platform}-${process.arch}`];
  const found =
    name !== undefined && existsSync(join(parleyRoot, 'node_modules', '@node-llama-cpp', name, 'bins'));
  const detail = found ? `@node-llama-cpp/${name}` : `no binary for ${process.platform} ${process.arch}`;
  return { name: 'Engine', ok: found, required: true, detail, hint: 'Run npm ci without --omit=optional.' };
}

function gigabytes(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}
