import { ParleyError } from '@parley/kernel';
import type { HubFile, HubRepository } from '../../ports/pull/model-hub.ts';
import { byteText } from '../pull/byte-text.ts';
import { splitPart } from './split-parts.ts';

/** Files beside the weights that have the same ending. */
const companions = /(^|\/)[^/]*(mmproj|imatrix|mtp-|eagle3-|dflash-|dspark-)[^/]*$/i;
const maxListed = 40;

/** One model of a repository: a file, or all its parts in order. */
interface Candidate {
  readonly files: readonly HubFile[];
  /** `Q4_K_M`; '' when its name says none. */
  readonly quantisation: string;
}

/**
 * The files of the model that is meant: all parts, in order.
 * @param asked its quantisation, or '' for the only model there is
 * @throws ParleyError `invalid_request` that lists what there is; `unsupported` when there is no GGUF at all.
 */
export function chooseFiles(hub: HubRepository, asked: string): readonly HubFile[] {
  const candidates = candidatesOf(hub.files);
  if (candidates.length === 0) throw nothingUsable(hub);
  const [first, ...others] = asked === '' ? candidates : matching(candidates, asked);
  if (first !== undefined && others.length === 0) return whole(first, hub);
  const what = asked === '' ? 'It has several models; say which one' : `It has no model "${asked}"; it has`;
  const message = `${what}: ${listText(hub, candidates)}.`;
  throw new ParleyError('invalid_request', message, { param: 'source' });
}

/** The file of that path, and its other parts. @throws ParleyError as `chooseFiles`. */
export function chooseFile(hub: HubRepository, path: string): readonly HubFile[] {
  const candidates = candidatesOf(hub.files);
  const found = candidates.find(({ files }) => files.some((file) => file.path === path));
  if (found !== undefined) return whole(found, hub);
  const one = hub.files.find((file) => file.path === path);
  if (one !== undefined) return [one];
  if (candidates.length === 0) throw nothingUsable(hub);
  const message = `It has no file "${path}"; it has: ${listText(hub, candidates)}.`;
  throw new ParleyError('invalid_request', message, { param: 'source' });
}

function candidatesOf(files: readonly HubFile[]): Candidate[] {
  const groups = new Map<string, HubFile[]>();
  for (const file of files) {
    if (!/\.gguf$/i.test(file.path) || companions.test(file.path)) continue;
    const part = splitPart(file.path);
    const key = part === undefined ? file.path : `${part.stem}/${part.count}`;
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  return [...groups.values()].map((group) => ({
    files: group.toSorted((a, b) => indexOf(a) - indexOf(b)),
    quantisation: quantisationOf(group[0]?.path ?? ''),
  }));
}

/** Exactly that quantisation, else the names that hold the word; of several folders the nearest. */
function matching(candidates: readonly Candidate[], asked: string): Candidate[] {
  const wanted = asked.toUpperCase();
  const exact = candidates.filter(({ quantisation }) => quantisation === wanted);
  const word = new RegExp(`(^|[-._/])${wanted.replaceAll('.', '\\.')}([-./]|$)`, 'i');
  const found = exact.length > 0 ? exact : candidates.filter(({ files }) => word.test(files[0]?.path ?? ''));
  const depths = found.map(({ files }) => depthOf(files[0]));
  return found.filter(({ files }) => depthOf(files[0]) === Math.min(...depths));
}

/** The last word of the name: `Qwen3-8B-Q4_K_M.gguf` is Q4_K_M. */
function quantisationOf(path: string): string {
  const stem = splitPart(path)?.stem ?? path.replace(/\.gguf$/i, '');
  return /[-._/]([A-Za-z0-9_]+)$/.exec(stem)?.[1]?.toUpperCase() ?? '';
}

function whole({ files }: Candidate, { repository }: HubRepository): readonly HubFile[] {
  const count = splitPart(files[0]?.path ?? '')?.count ?? 1;
  if (files.length === count) return files;
  const message = `The repository ${repository} has ${files.length} of ${count} parts of ${files[0]?.path ?? ''}.`;
  throw new ParleyError('unavailable', message, { retryable: false });
}

function listText({ repository }: HubRepository, candidates: readonly Candidate[]): string {
  const counts = new Map<string, number>();
  for (const { quantisation } of candidates) counts.set(quantisation, (counts.get(quantisation) ?? 0) + 1);
  const lines = candidates.slice(0, maxListed).map(({ files, quantisation }) => {
    const isPlain = quantisation !== '' && counts.get(quantisation) === 1;
    const name = isPlain ? `hf:${repository}:${quantisation}` : `hf:${repository}/${files[0]?.path ?? ''}`;
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    return `${name} (${byteText(bytes)}${files.length > 1 ? `, ${files.length} parts` : ''})`;
  });
  const more = candidates.length - lines.length;
  return `${lines.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function nothingUsable({ files }: HubRepository): ParleyError {
  const isOther = files.some(({ path }) => /\.safetensors$/i.test(path));
  const why = isOther
    ? 'It holds safetensors, which are to be converted to GGUF first, or served by another engine and reached with "engine: openai".'
    : 'It holds no GGUF file, the only kind that can be pulled without a catalogue entry.';
  return new ParleyError('unsupported', why, { param: 'source' });
}

function indexOf({ path }: HubFile): number {
  return splitPart(path)?.index ?? 0;
}

function depthOf(file: HubFile | undefined): number {
  return file?.path.split('/').length ?? 0;
}
