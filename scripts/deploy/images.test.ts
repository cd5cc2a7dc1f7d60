import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from '@parley/config';
import { describe, expect, it } from 'vitest';
import { chart, conform, findTools, manifestsOf, ofKind, root, template } from './tools.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const yaml = (path: string): unknown => parseDocument(path, read(path)).value;
const services = ['dialogue', 'gateway', 'logging', 'model', 'monitoring'];

interface Stage {
  readonly from: string;
  readonly name: string;
  readonly lines: readonly string[];
}

/** The stages of the Dockerfile, lines that go on joined. */
function stagesOf(text: string): Stage[] {
  const lines = text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line));
  return lines.reduce<Stage[]>((stages, line) => {
    const [, from, name = ''] = /^FROM (\S+)(?: AS (\S+))?/.exec(line) ?? [];
    const last = stages.at(-1);
    if (from !== undefined) return [...stages, { from, name, lines: [] }];
    return last === undefined ? stages : [...stages.slice(0, -1), { ...last, lines: [...last.lines, line] }];
  }, []);
}

const stages = stagesOf(read('Dockerfile'));

/** A stage's instructions after those of the stages that it is made from. */
function linesOf(name: string): string[] {
  const stage = stages.find((each) => each.name === name);
  return stage === undefined ? [] : [...linesOf(stage.from), ...stage.lines];
}

const manifestVersion = (JSON.parse(read('package.json')) as { version: string }).version;

describe.each(['service', 'model-cpu', 'model-cuda'])("the Dockerfile's target %s", (target) => {
  const lines = linesOf(target);
  const last = (instruction: string): string | undefined =>
    lines.findLast((line) => line.startsWith(`${instruction} `));

  it('runs without root, as process 1, what the pruned folder holds', () => {
    expect(last('USER')).toBe('USER 65532:65532');
    expect(last('ENTRYPOINT')).toBe('ENTRYPOINT []');
    expect(last('CMD')).toMatch(/^CMD \["node", .*"\/app\/service\/dist\/main\.js"\]$/);
    expect(last('HEALTHCHECK')).toContain('CMD ["node", "/app/healthcheck.mjs"]');
    expect(last('COPY')).toMatch(/^COPY --from=pruned-\S+ \/out \.\/$/);
  });

  it('carries no tool of the build and no package manager’s cache', () => {
    expect(lines.filter((line) => /npm (ci|install)|COPY \. /.test(line))).toEqual([]);
    for (const line of lines.filter((each) => each.includes('apt-get install')))
      expect(line).toMatch(/--no-install-recommends.*rm -rf \/var\/lib\/apt\/lists/);
  });

  it('says what it is, and by default which version', () => {
    const labels = lines.filter((line) => line.startsWith('LABEL')).join(' ');
    for (const name of ['title', 'description', 'licenses', 'version', 'revision'])
      expect(labels).toContain(`org.opencontainers.image.${name}=`);
    expect(lines).toContain(`ARG VERSION=${manifestVersion}`);
  });
});

describe('the Dockerfile', () => {
  it('copies from stages that there are', () => {
    const copied = [...read('Dockerfile').matchAll(/--from=(\S+)/g)].map(([, name]) => name);
    const names = stages.map(({ name }) => name);
    expect(copied.filter((name) => name !== undefined && !names.includes(name))).toEqual([]);
  });

  it('gets all that the build and the pruned install need', () => {
    const ignored = read('.dockerignore').split('\n');
    for (const needed of [
      'libs',
      'services',
      'proto',
      'config',
      'scripts',
      'package.json',
      'package-lock.json',
      '.npmrc',
    ])
      expect([needed, existsSync(join(root, needed)), ignored.includes(needed)]).toEqual([
        needed,
        true,
        false,
      ]);
    expect(ignored).toEqual(
      expect.arrayContaining(['**/node_modules', '**/dist', '.git', '.parley', '.env']),
    );
  });
});

describe('the chart and its surroundings', () => {
  it('are of the version of the packages', () => {
    expect(yaml(`${chart}/Chart.yaml`)).toMatchObject({
      version: manifestVersion,
      appVersion: manifestVersion,
    });
  });

  it('are fed by skaffold with every image, built as compose.yaml does', () => {
    const { build, deploy } = yaml('skaffold.yaml') as {
      build: { artifacts: { image: string; docker: { target: string; buildArgs?: { SERVICE: string } } }[] };
      deploy: {
        helm: { releases: { chartPath: string; valuesFiles: string[]; setValueTemplates: object }[] };
      };
    };
    const built = build.artifacts.map(({ image, docker }) => [
      image,
      docker.target,
      docker.buildArgs?.SERVICE,
    ]);
    expect(built).toEqual(
      services.map((name) =>
        name === 'model' ? ['parley/model', 'model-cpu', undefined] : [`parley/${name}`, 'service', name],
      ),
    );
    expect(built.findIndex(([image]) => image === 'parley/model')).toBe(3);
    expect(read('skaffold.yaml')).toContain('/build/artifacts/3/docker/target, value: model-cuda');
    const [release] = deploy.helm.releases;
    for (const path of [release?.chartPath ?? '', ...(release?.valuesFiles ?? [])])
      expect([path, existsSync(join(root, path))]).toEqual([path, true]);
    expect(release?.setValueTemplates).toEqual(
      Object.fromEntries(
        services.flatMap((name) => [
          [`services.${name}.image.repository`, `{{.IMAGE_REPO_parley_${name}}}`],
          [`services.${name}.image.tag`, `{{.IMAGE_TAG_parley_${name}}}`],
        ]),
      ),
    );
  });
});

const tools = findTools('helm', 'kubeconform', 'schemas');
describe.skipIf(tools.skip)(tools.title('the folder k8s'), () => {
  it('has the dev servers as the chart renders them', () => {
    const script = ['--conditions=@parley/source', 'scripts/deploy/render-k8s.ts', '--check'];
    const { status, stderr } = spawnSync(process.execPath, script, { cwd: root, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  }, 60_000);

  it('is valid for Kubernetes, and lists its files', () => {
    const { resources } = yaml('k8s/kustomization.yaml') as { resources: string[] };
    expect(resources).toEqual(['namespace.yaml', 'dev-servers.yaml']);
    const { ok, stdout } = conform(resources.map((name) => read(`k8s/${name}`)).join('\n---\n'));
    expect([ok, stdout]).toEqual([true, expect.stringContaining('7 resources found')]);
  });

  it('has values that lead a release to those servers', () => {
    const names = ofKind(manifestsOf(read('k8s/dev-servers.yaml')), 'Service').map(
      ({ metadata }) => metadata.name,
    );
    const { ok, stdout } = template('--values', 'k8s/dev-values.yaml');
    expect(ok).toBe(true);
    for (const name of names) expect(stdout).toContain(`${name}:`);
  }, 60_000);

  it('has nothing that the policies of a release beside it would close', () => {
    const servers = manifestsOf(read('k8s/dev-servers.yaml'));
    const instances = servers.map(({ metadata }) => metadata.labels['app.kubernetes.io/instance']);
    expect([...new Set(instances)]).toEqual(['parley-dev']);
  });
});

describe.skipIf(tools.skip)(tools.title('the sets of values in the chart'), () => {
  it.each(['values-dev.yaml', 'values-gpu.yaml'])(
    '%s is rendered and valid',
    (values) => {
      const base = values === 'values-dev.yaml' ? [] : ['--values', `${chart}/values-dev.yaml`];
      const { ok, stdout, stderr } = template(...base, '--values', `${chart}/${values}`);
      expect([ok, stderr]).toEqual([true, '']);
      expect(conform(stdout).ok).toBe(true);
    },
    60_000,
  );

  it('try values-dev.yaml as it is shipped', () => {
    expect(yaml(`${chart}/ci/dev-values.yaml`)).toEqual(yaml(`${chart}/values-dev.yaml`));
  });
});
