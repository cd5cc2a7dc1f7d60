/** The programs that check compose file and chart, built from the Go module proxy and kept by version. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from './debian-packages.mjs';
import { writeKubernetesSchemas } from './kubernetes-schemas.mjs';
import { provisionPrograms } from './programs.mjs';

const pinned = JSON.parse(readFileSync(new URL('../deploy/tools.json', import.meta.url), 'utf8'));
const folder = join(process.env.PARLEY_CACHE || join(homedir(), '.cache/parley'), 'tools');
const skipped = 'tests of the deployment are skipped (in CI they fail)';

/** Debian puts a newer Go beside the one that the path leads to. */
function findGo() {
  const debian = existsSync('/usr/lib')
    ? readdirSync('/usr/lib').filter((name) => /^go-1\.\d+$/.test(name))
    : [];
  const newestFirst = debian.toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  const places = [...newestFirst.map((name) => `/usr/lib/${name}/bin/go`), '/usr/local/go/bin/go'];
  return findProgram('go') ?? places.find((path) => existsSync(path));
}

/** Why this Go cannot build the programs; undefined when it can. One of 1.21 or later fetches a newer one itself. */
function goFault(go) {
  const { stdout } = spawnSync(go, ['env', 'GOVERSION', 'GOTOOLCHAIN'], { encoding: 'utf8', cwd: tmpdir() });
  const [version = '', toolchain = ''] = (stdout ?? '').split('\n');
  const minor = Number(/^go1\.(\d+)/.exec(version)?.[1] ?? 0);
  const fetches = minor >= 21 && toolchain !== 'local';
  if (fetches || minor >= Number(pinned.go.split('.')[1])) return undefined;
  return `${go} is ${version === '' ? 'not usable' : version}; Go ${pinned.go} or later is needed`;
}

function run(go, args, env) {
  const { status, error, stdout, stderr } = spawnSync(go, args, {
    encoding: 'utf8',
    cwd: tmpdir(),
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-modcacherw', ...env },
    timeout: 3_000_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return stdout;
  throw new Error(`go ${args.join(' ')} failed: ${error?.message ?? stderr.slice(-2000)}`);
}

/** Does its work in a folder beside the goal, so that an interrupted run leaves nothing that looks complete. */
function made(goal, make) {
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(folder, '.making-'));
  try {
    renameSync(make(work), goal);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function build(go, name, goal) {
  const { version, package: main } = pinned.programs[name];
  const patience = name === 'helm' ? ', which takes some minutes' : '';
  console.log(`provision: building ${name} ${version}${patience}`);
  made(goal, (work) => {
    run(go, ['install', '-trimpath', '-ldflags=-s -w', `${main}@v${version}`], { GOBIN: work });
    return join(work, main.split('/').at(-1));
  });
}

function makeSchemas(go, goal) {
  console.log(`provision: making the schemas of Kubernetes ${pinned.kubernetes}`);
  made(goal, (work) => {
    const module = `k8s.io/kubernetes@v${pinned.kubernetes}`;
    const said = run(go, ['mod', 'download', '-json', module], { GOMODCACHE: join(work, 'modules') });
    const swagger = join(JSON.parse(said).Dir, 'api/openapi-spec/swagger.json');
    const schemas = join(work, 'schemas');
    writeKubernetesSchemas(JSON.parse(readFileSync(swagger, 'utf8')), schemas);
    return schemas;
  });
}

/** Builds what is missing. @returns false when it failed. */
export function provisionDeployTools() {
  const goals = Object.entries(pinned.programs).map(([name, { version }]) => ({
    path: join(folder, `${name}-${version}`),
    make: (go, path) => build(go, name, path),
  }));
  goals.push({ path: join(folder, `kubernetes-schemas-${pinned.kubernetes}`), make: makeSchemas });
  const missing = goals.filter(({ path }) => !existsSync(path));
  if (missing.length > 0 && findGo() === undefined) {
    const there = provisionPrograms({ name: 'the deployment', packages: { go: 'golang-go' }, find: findGo });
    if (findGo() === undefined) return there;
  }
  const fault = missing.length === 0 ? undefined : goFault(findGo());
  if (fault !== undefined) {
    console.log(`provision: ${fault}; ${skipped}.`);
    return true;
  }
  try {
    for (const { path, make } of missing) make(findGo(), path);
    console.log('provision: the tools that check the deployment are there');
    return true;
  } catch (error) {
    console.error(`provision: ${error.message}\nprovision: ${skipped}.`);
    return false;
  }
}
