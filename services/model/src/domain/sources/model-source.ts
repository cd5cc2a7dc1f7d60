import { ParleyError } from '@parley/kernel';
import { isSource, parseSource, sourceForms } from './file-source.ts';
import type { FileSource } from './file-source.ts';

/** A repository of the hub, of which the files are still to be chosen. */
export interface RepositorySource {
  readonly kind: 'repository';
  readonly text: string;
  readonly repository: string;
  readonly revision: string;
  /** Such as `Q4_K_M`; '' = the only one there is. */
  readonly quantisation: string;
}

/** Programs that keep models on this machine. */
const localPrograms = ['ollama', 'lmstudio', 'llamacpp'] as const;

export type LocalProgram = (typeof localPrograms)[number];

/** A model that another program keeps on this machine. */
export interface LocalProgramSource {
  readonly kind: 'local';
  readonly text: string;
  readonly program: LocalProgram;
  /** As that program calls it. */
  readonly name: string;
}

/** Whatever a model can be pulled by beside its name in the catalogue. */
export type ModelSource = FileSource | RepositorySource | LocalProgramSource;

/** What every message about a model's source that cannot be read says. */
export const modelSourceForms = `hf:ORG/REPO:QUANTISATION, ${sourceForms}; of another program on this machine: ollama:NAME, lmstudio:NAME, llamacpp:NAME`;

/** @throws ParleyError `invalid_request` that names the forms there are. */
export function parseModelSource(text: string): ModelSource {
  const source = repositorySource(text) ?? localSource(text);
  if (source !== undefined) return source;
  if (isSource(text) && /^(hf|https?|file|pypi):/i.test(text)) return parseSource(text);
  const message = `"${text.slice(0, 200)}" is no source. Expected ${modelSourceForms}.`;
  throw new ParleyError('invalid_request', message, { param: 'source' });
}

function repositorySource(text: string): RepositorySource | undefined {
  const form = /^hf:([^/@#?:\s]+\/[^/@#?:\s]+)(?::([A-Za-z0-9][A-Za-z0-9_.-]*))?(?:@([^@#?\s]+))?$/i;
  const [, repository, quantisation = '', revision = 'main'] = form.exec(text) ?? [];
  if (repository === undefined) return undefined;
  const parts = [...repository.split('/'), ...revision.split('/')];
  if (!parts.every((part) => part !== '' && part !== '.' && part !== '..')) return undefined;
  return { kind: 'repository', text, repository, revision, quantisation };
}

function localSource(text: string): LocalProgramSource | undefined {
  const [, program, name] = /^([a-z]+):(\S+)$/i.exec(text) ?? [];
  const known = localPrograms.find((it) => it === program?.toLowerCase());
  return known === undefined || name === undefined
    ? undefined
    : { kind: 'local', text, program: known, name };
}
