import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './tools.ts';
import type { Ended } from './tools.ts';

/** A project as the loader of the Compose Specification reads it. */
export interface ComposeProject {
  readonly services: Readonly<Record<string, ComposeService>>;
}

interface ComposeService {
  readonly image: string;
  readonly build?: { readonly target: string; readonly args?: Readonly<Record<string, string>> };
  readonly environment?: Readonly<Record<string, string>>;
  readonly develop?: { readonly watch: readonly { readonly path: string }[] };
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly deploy: { readonly resources: { readonly limits: object; readonly reservations?: object } };
  readonly volumes?: readonly { readonly type: string; readonly source: string; readonly target: string }[];
  readonly read_only?: boolean;
  readonly user?: string;
}

/**
 * Loads compose.yaml, with further files over it. The key is put in here: the loader's own program reads no environment.
 */
export function loadCompose(...further: readonly string[]): Ended {
  return loadText(readFileSync(join(root, 'compose.yaml'), 'utf8'), ...further);
}

/** Loads a text as if it were compose.yaml. */
export function loadText(text: string, ...further: readonly string[]): Ended {
  const withKey = text.replace(/\$\{PARLEY_API_KEY:\?[^}]*\}/, 'key-of-a-test');
  return run('compose-loader', ['-format', 'json', '-', ...further], withKey);
}

/** The project of compose.yaml and the files over it. @throws Error with what the loader said. */
export function composeProject(...further: readonly string[]): ComposeProject {
  const { ok, stdout, stderr } = loadCompose(...further);
  if (!ok) throw new Error(stderr);
  return JSON.parse(stdout) as ComposeProject;
}
