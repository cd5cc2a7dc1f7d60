import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseDocuments } from '@parley/config';

/** The repository's root. */
export const root = join(import.meta.dirname, '../..');

interface Pinned {
  readonly programs: Readonly<
    Record<'helm' | 'kubeconform' | 'compose-loader', { readonly version: string }>
  >;
  /** The version of Kubernetes whose API description checks what the chart renders. */
  readonly kubernetes: string;
}

const pinned = JSON.parse(readFileSync(join(import.meta.dirname, 'tools.json'), 'utf8')) as Pinned;
const cache = process.env['PARLEY_CACHE'] ?? '';
const folder = join(cache === '' ? join(homedir(), '.cache/parley') : cache, 'tools');

const paths = {
  helm: join(folder, `helm-${pinned.programs.helm.version}`),
  kubeconform: join(folder, `kubeconform-${pinned.programs.kubeconform.version}`),
  'compose-loader': join(folder, `compose-loader-${pinned.programs['compose-loader'].version}`),
  schemas: join(folder, `kubernetes-schemas-${pinned.kubernetes}`),
} as const;

/** A program that `npm run provision` builds, or the schemas that it makes. */
export type DeployTool = keyof typeof paths;

/** Why suites that need these tools cannot run here; in CI they run, and fail where one is missing. */
export function findTools(...names: readonly DeployTool[]): {
  readonly skip: boolean;
  title(text: string): string;
} {
  const missing = names.filter((name) => !existsSync(paths[name]));
  const skip = missing.length > 0 && process.env['CI'] !== 'true';
  const reason = `(skipped: ${missing.join(', ')} missing; npm run provision)`;
  return { skip, title: (text) => (skip ? `${text} ${reason}` : text) };
}

/** How a program ended. */
export interface Ended {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in the repository's root. @throws Error where it is not there. */
export function run(program: Exclude<DeployTool, 'schemas'>, args: readonly string[], input = ''): Ended {
  const { status, error, stdout, stderr } = spawnSync(paths[program], args, {
    cwd: root,
    encoding: 'utf8',
    input,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined) throw new Error(`${program} cannot be run (npm run provision): ${error.message}`);
  return { ok: status === 0, stdout, stderr };
}

/** Checks manifests by the schemas of Kubernetes' own kinds. */
export function conform(manifests: string): Ended {
  const schemas = `${paths.schemas}/{{.ResourceKind}}{{.KindSuffix}}.json`;
  return run('kubeconform', ['-strict', '-summary', '-schema-location', schemas, '-'], manifests);
}

/** A Kubernetes object as far as the checks look into it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: Spec;
}

interface Spec {
  readonly replicas?: number;
  readonly clusterIP?: string;
  readonly strategy?: { readonly type: string; readonly rollingUpdate?: object };
  readonly template: { readonly spec: PodSpec };
  readonly podSelector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly ingress?: readonly {
    readonly from?: readonly Peer[];
    readonly ports: readonly { port: number | string }[];
  }[];
  readonly egress?: readonly {
    readonly to?: readonly Peer[];
    readonly ports: readonly { port: number | string }[];
  }[];
}

interface Peer {
  readonly podSelector?: { readonly matchLabels: Readonly<Record<string, string>> };
}

interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly automountServiceAccountToken?: boolean;
  readonly enableServiceLinks?: boolean;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly Container[];
  readonly volumes: readonly Readonly<Record<string, unknown>>[];
}

/** A container of a pod. */
interface Container {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly resources: { readonly requests: object; readonly limits: Readonly<Record<string, unknown>> };
}

/** The chart's folder, from the root. */
export const chart = 'charts/parley';

/** What `helm template` makes of the chart for the oldest Kubernetes that it supports. */
export function template(...args: readonly string[]): Ended {
  const fixed = ['template', 'r', chart, '--namespace', 'parley', '--kube-version', pinned.kubernetes];
  return run('helm', [...fixed, ...args]);
}

/** The objects that the chart renders. @throws Error with what Helm said where it refuses. */
export function render(...args: readonly string[]): Manifest[] {
  const { ok, stdout, stderr } = template(...args);
  if (!ok) throw new Error(stderr);
  return manifestsOf(stdout);
}

/** The objects of a text with several YAML documents. */
export function manifestsOf(text: string): Manifest[] {
  return parseDocuments('manifests', text).map(({ value }) => value as Manifest);
}

/** Those of a kind. */
export function ofKind(manifests: readonly Manifest[], kind: string): Manifest[] {
  return manifests.filter((manifest) => manifest.kind === kind);
}
