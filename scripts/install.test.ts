import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const gpuPackages = [
  'linux-x64-cuda',
  'linux-x64-cuda-ext',
  'linux-x64-vulkan',
  'win-x64-cuda',
  'win-x64-cuda-ext',
  'win-x64-vulkan',
];

interface Lockfile {
  packages: Record<
    string,
    { version?: string; link?: boolean; resolved?: string; optionalDependencies?: Record<string, string> }
  >;
}
const lockfile = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lockfile;

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' });
}

describe('the default install', () => {
  it.each(gpuPackages)('holds an empty stand-in instead of @node-llama-cpp/%s', (name) => {
    expect(lockfile.packages[`node_modules/@node-llama-cpp/${name}`]?.link).toBe(true);
    const installed = join(root, 'node_modules/@node-llama-cpp', name);
    if (existsSync(installed)) expect(filesBelow(installed)).toEqual(['package.json']);
  });

  it('names no GPU engine of node-llama-cpp that has no stand-in', () => {
    const optional = lockfile.packages['node_modules/node-llama-cpp']?.optionalDependencies ?? {};
    const gpu = Object.keys(optional).filter((name) => /cuda|vulkan/.test(name));
    expect(gpu.toSorted()).toEqual(gpuPackages.map((name) => `@node-llama-cpp/${name}`).toSorted());
  });

  it('keeps the stand-ins at the version of node-llama-cpp', () => {
    const version = lockfile.packages['node_modules/node-llama-cpp']?.version;
    for (const name of gpuPackages) {
      const manifest = JSON.parse(readFileSync(join(root, 'libs/no-gpu', name, 'package.json'), 'utf8')) as {
        version: string;
      };
      expect(manifest.version, name).toBe(version);
    }
  });

  it('brought the engine of this platform prebuilt, and built none', () => {
    const engines = readdirSync(join(root, 'node_modules/@node-llama-cpp')).filter(
      (name) => !gpuPackages.includes(name),
    );
    const platform = `${process.platform === 'darwin' ? 'mac' : process.platform}-${process.arch}`;
    expect(engines.some((name) => name.startsWith(platform))).toBe(true);
    expect(existsSync(join(root, 'node_modules/node-llama-cpp/llama/localBuilds'))).toBe(false);
  });

  it('holds nothing of the onnx engine, which has a pinned lockfile of its own', () => {
    expect(Object.keys(lockfile.packages).filter((name) => /onnxruntime|engines\/onnx/.test(name))).toEqual(
      [],
    );
    const own = JSON.parse(readFileSync(join(root, 'engines/onnx/package-lock.json'), 'utf8')) as Lockfile;
    expect(own.packages['node_modules/onnxruntime-node']?.version).toBe('1.30.0');
    expect(own.packages['node_modules/@huggingface/tokenizers']?.version).toBe('0.2.0');
    expect(own.packages['node_modules/onnxruntime-web']).toBeUndefined();
  });

  it('holds an engine of less than 150 MB', () => {
    const bytes = ['node-llama-cpp', '@node-llama-cpp']
      .flatMap((name) => filesBelow(join(root, 'node_modules', name)).map((file) => join(name, file)))
      .map((file) => statSync(join(root, 'node_modules', file), { throwIfNoEntry: false }))
      .reduce((sum, stat) => sum + (stat?.isFile() ? stat.size : 0), 0);
    expect(bytes).toBeLessThan(150e6);
  });
});

describe('the lockfile', () => {
  it.each([
    '@node-llama-cpp/linux-arm64',
    '@node-llama-cpp/mac-arm64-metal',
    '@bufbuild/buf-linux-aarch64',
    '@bufbuild/buf-darwin-arm64',
    '@oxlint/binding-linux-arm64-gnu',
    '@oxlint/binding-darwin-arm64',
    '@oxfmt/binding-linux-arm64-gnu',
    '@oxfmt/binding-darwin-arm64',
    '@oxlint-tsgolint/linux-arm64',
    '@oxlint-tsgolint/darwin-arm64',
    '@nx/nx-linux-arm64-gnu',
    '@nx/nx-darwin-arm64',
    '@typescript/typescript-linux-arm64',
    '@typescript/typescript-darwin-arm64',
    '@rolldown/binding-linux-arm64-gnu',
    '@rolldown/binding-darwin-arm64',
  ])('holds %s, so that the install works on that platform', (name) => {
    const found = Object.keys(lockfile.packages).some((path) => path.endsWith(`node_modules/${name}`));
    expect(found).toBe(true);
  });

  it('names no registry', () => {
    const hosts = Object.values(lockfile.packages).filter((entry) => entry.resolved?.startsWith('http'));
    expect(hosts).toEqual([]);
  });
});
