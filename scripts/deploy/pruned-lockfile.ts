/** A workspace's or package's entry in package-lock.json, as far as it is looked at here. */
interface Entry {
  readonly version?: string;
  readonly link?: boolean;
  /** Of a link: the folder that it leads to. */
  readonly resolved?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly dependencies?: Names;
  readonly devDependencies?: Names;
  readonly optionalDependencies?: Names;
  readonly peerDependencies?: Names;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

type Names = Readonly<Record<string, string>>;

type Packages = Readonly<Record<string, Entry>>;

/** package-lock.json: its packages by the folder that they are installed into. */
export interface Lockfile {
  readonly packages: Packages;
}

/** Engines of node-llama-cpp are packages of this scope, one for each platform and device. */
const engineFolder = 'node_modules/@node-llama-cpp/';

/** Of this package the repository's lockfile knows an empty stand-in only, so its digest is pinned here. */
export const cudaEngine = {
  name: '@node-llama-cpp/linux-x64-cuda',
  version: '3.22.1',
  integrity:
    'sha512-8rQCjyNNLZJUFit+YpjwlC4hwkKgOMIkB2wuycKBf8NU2O3ySKbiWZQ8aw9ku2nUTXjSnUIrE6KB88itduTBuA==',
} as const;

/** The folders (`libs/kernel`, …) of the workspaces that one needs at run time, itself included, by name. */
export function neededWorkspaces({ packages }: Lockfile, start: string): string[] {
  const needed = new Set<string>();
  const look = (folder: string): void => {
    if (needed.has(folder)) return;
    needed.add(folder);
    for (const name of Object.keys(packages[folder]?.dependencies ?? {})) {
      const { link = false, resolved } = packages[`node_modules/${name}`] ?? {};
      if (link && resolved !== undefined) look(resolved);
    }
  };
  look(start);
  return [...needed].toSorted();
}

/** A manifest or an entry without what only development needs. */
export function forProduction<T extends object>(manifest: T): T {
  return Object.fromEntries(Object.entries(manifest).filter(([key]) => key !== 'devDependencies')) as T;
}

/**
 * The lockfile of a root manifest whose workspaces are `folders`: what they reach, and nothing else.
 * @param engines the packages of engines that stay; of the others nothing is installed
 */
export function prunedLockfile<T extends Lockfile>(
  lockfile: T,
  manifest: object,
  folders: readonly string[],
  engines: readonly string[],
): T {
  const packages: Record<string, Entry> = { ...lockfile.packages };
  for (const [path, { link = false, resolved = '' }] of Object.entries(packages)) {
    const isOtherEngine =
      path.startsWith(engineFolder) && !engines.includes(path.slice('node_modules/'.length));
    if (isOtherEngine || (link && !folders.includes(resolved))) delete packages[path];
  }
  const { name, version, integrity } = cudaEngine;
  if (engines.includes(name))
    packages[`node_modules/${name}`] = { version, integrity, os: ['linux'], cpu: ['x64'] };
  for (const folder of folders) packages[folder] = forProduction(packages[folder] ?? {});
  packages[''] = manifest;
  const reached = reachable(packages, ['', ...folders]);
  const kept = Object.entries(packages).filter(
    ([path, { link = false }]) => reached.has(path) || (link && path !== ''),
  );
  return { ...lockfile, packages: Object.fromEntries(kept) };
}

function reachable(packages: Packages, starts: readonly string[]): Set<string> {
  const reached = new Set<string>();
  const look = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    const entry = packages[path] ?? {};
    if (entry.link === true) look(entry.resolved ?? '');
    for (const name of wantedBy(entry)) {
      const found = placeOf(packages, path, name);
      if (found !== undefined) look(found);
    }
  };
  for (const start of starts) look(start);
  return reached;
}

function wantedBy(entry: Entry): string[] {
  const {
    dependencies = {},
    optionalDependencies = {},
    peerDependencies = {},
    peerDependenciesMeta = {},
  } = entry;
  const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true);
  return [...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...peers];
}

/** Where Node would find a package from `path`: in its own node_modules, else in those of the folders above. */
function placeOf(packages: Packages, path: string, name: string): string | undefined {
  for (let folder = path; folder !== ''; folder = folder.slice(0, Math.max(folder.lastIndexOf('/'), 0))) {
    const place = `${folder}/node_modules/${name}`;
    if (packages[place] !== undefined) return place;
  }
  const place = `node_modules/${name}`;
  return packages[place] === undefined ? undefined : place;
}
